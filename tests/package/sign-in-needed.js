/* Servers that sign nobody in silently, and what becomes of the session that a sign-in presents. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, until } = require('./waiting')

const test = group('sign-in needed')

/** The sessions that the exchanges presented. */
const presented = (world) => world.backend.at('/wx/onlogin').map(({ header }) => header.sessionid)
const needed = () => problem(401, 'sign_in_needed')

/** A program whose server no longer renews its session silently. */
async function refused() {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.backend.exchange = needed
  return world
}

test('a renewal that needs the user ends the session, and is not tried without it', async () => {
  const world = await refused()
  const error = await world.failure(world.call('/products'), 'sign_in_needed')
  equal([error.problem.code, error.cause.statusCode], ['sign_in_needed', 401])
  equal(error.message, 'not signed in: call login()')
  equal([world.session.state, presented(world)], ['ended', [undefined, world.backend.ids[0]]])
  await world.failure(world.call('/products'), 'sign_in_needed')
  await world.failure(world.session.uploadFile({ url: `${world.url}/a`, filePath: 'a', name: 'a' }), 'sign_in_needed')
  equal(world.backend.exchanges(), 2, 'no call asks again')
})

test('the session stays in storage until it is replaced, so that a restart asks again', async () => {
  const world = await refused()
  const [id] = world.backend.ids
  await world.failure(world.call('/products'), 'sign_in_needed')
  equal(world.kept(), id)
  const next = world.restart()
  await next.failure(next.call('/products'), 'sign_in_needed')
  equal([next.session.state, next.kept(), presented(next)], ['ended', id, [undefined, id, id]])
  await next.failure(next.session.login(), 'sign_in_needed')
  world.backend.exchange = () => {}
  await next.session.login()
  equal([next.session.state, next.kept()], ['signed-in', world.backend.ids[1]])
})

test('a program that is closed while its session is renewed presents it at the next start', async () => {
  const world = await (await start()).signedIn()
  const [id] = world.backend.ids
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened
  world.call('/products').catch(() => {})
  await until(() => world.backend.exchanges() === 2)
  const next = world.restart()
  world.backend.exchange = () => {}
  await next.call('/products')
  gate.open()
  equal(presented(next), [undefined, id, id])
})

test('a new user whom the server wants to sign in is asked for once a start', async () => {
  const world = await start({ before: (backend) => (backend.exchange = needed) })
  await world.failure(world.call('/products'), 'sign_in_needed')
  await world.failure(world.call('/products'), 'sign_in_needed')
  equal([world.session.state, world.backend.exchanges(), world.phone.shelf.size], ['ended', 1, 0])
  const next = world.restart()
  await next.failure(next.call('/products'), 'sign_in_needed')
  equal(next.backend.exchanges(), 2)
})

test('an optional call goes bare where the user is needed', async () => {
  const world = await refused()
  await world.failure(world.call('/products'), 'sign_in_needed')
  world.backend.call = () => ({})
  await world.call('/page', { auth: 'optional' })
  equal(
    world.backend.at('/page').map(({ header }) => header.sessionid),
    [undefined],
  )
})

test('a sign-out that is followed by a login in vain still lasts across a restart', async () => {
  const world = await refused()
  await world.session.logout()
  await world.failure(world.session.login(), 'sign_in_needed')
  const next = world.restart()
  await next.failure(next.call('/products'), 'signed_out')
})

test('signing out ends the session that needed the user, on the server too', async () => {
  const world = await refused()
  await world.failure(world.call('/products'), 'sign_in_needed')
  await world.session.logout()
  const [{ header }] = world.backend.at('/wx/logout')
  equal([header.sessionid, world.kept(), world.session.state], [world.backend.ids[0], undefined, 'signed-out'])
})

test('a call that is answered with this code is renewed like any other', async () => {
  const world = await (await start()).signedIn()
  let refusals = 1
  world.backend.call = () => (refusals-- > 0 ? needed() : undefined)
  equal((await world.call('/products')).data.session, 2)
})

for (const code of ['session_replaced', 'session_revoked']) {
  /** A server that judges the presented session before it looks at the route. */
  const judging = async () => {
    const world = await (await start()).signedIn()
    world.backend.expire()
    world.backend.exchange = ({ header }) => (header.sessionid ? problem(401, code) : undefined)
    return world
  }

  test(`a renewal whose session is ${code} ends it`, async () => {
    const world = await judging()
    await world.failure(world.call('/products'), code)
    equal([world.session.state, world.backend.exchanges()], ['ended', 2])
    const next = world.restart()
    await next.failure(next.call('/products'), code)
    await next.session.login()
    equal((await next.call('/products')).data.session, 2)
  })

  test(`a login whose session is ${code} goes on without it`, async () => {
    const world = await judging()
    await world.session.login({ force: true })
    equal([world.session.state, world.backend.exchanges(), world.phone.counts.logins], ['signed-in', 3, 3])
    equal((await world.call('/products')).data.session, 2)
  })
}
