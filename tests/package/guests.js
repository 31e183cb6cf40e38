/* Apps that sign in by hand, and calls that guests may make too. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, until } = require('./waiting')

const test = group('guests')

const NOTHING = { logins: 0, exchanges: 0, requests: 0 }
const sessionsOf = (world, path) => world.backend.at(path).map(({ header }) => header.sessionid)

test('where the app signs in by hand, calls fail until login()', async () => {
  const world = await start({ options: { signIn: 'manual' } })
  await world.failure(world.call('/products'), 'sign_in_needed')
  equal([world.counts(), world.session.state], [NOTHING, 'signed-out'])
  await world.session.login()
  equal((await world.call('/products')).data.session, 1)
})

test('a call joins the login() that the app has begun', async () => {
  const world = await start({ options: { signIn: 'manual' } })
  const login = world.session.login()
  equal((await world.call('/products')).data.session, 1)
  await login
})

test('a session that was signed in to by hand is renewed silently, and restored', async () => {
  const world = await (await start({ options: { signIn: 'manual' } })).signedIn()
  world.backend.expire()
  equal((await world.call('/products')).data.session, 2)
  const next = world.restart()
  equal((await next.call('/products')).data.session, 2)
})

test('an optional call goes bare without a session and with the session if one stands', async () => {
  const world = await start({ before: (backend) => (backend.call = () => ({})) })
  equal((await world.call('/page', { auth: 'optional' })).statusCode, 200)
  equal([world.phone.counts.logins, world.session.state], [0, 'signed-out'])
  await world.session.login()
  await world.call('/page', { auth: 'optional' })
  const next = world.restart()
  await next.call('/page', { auth: 'optional' })
  const [id] = world.backend.ids
  equal(sessionsOf(world, '/page'), [undefined, id, id])
})

test('an optional call goes bare while somebody signs in, and after a sign-out', async () => {
  const world = await start({ before: (backend) => (backend.call = () => ({})) })
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const login = world.session.login()
  await until(() => world.backend.exchanges() === 1)
  await world.call('/page', { auth: 'optional' })
  gate.open()
  await login
  await world.session.logout()
  await world.call('/page', { auth: 'optional' })
  equal(sessionsOf(world, '/page'), [undefined, undefined])
  equal(world.phone.counts.logins, 1)
})

test('an optional call whose session has expired has it renewed', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  equal((await world.call('/page', { auth: 'optional' })).data.session, 2)
})

test('an optional call goes bare where the renewal before it fails', async () => {
  const world = await start({ before: (backend) => (backend.expiresIn = 60) })
  await world.signedIn()
  await world.clock.pass(60000)
  world.backend.call = () => ({})
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  equal((await world.call('/page', { auth: 'optional' })).statusCode, 200)
  equal(sessionsOf(world, '/page'), [undefined])
})

for (const sessionPlace of ['header', 'query', 'body']) {
  test(`an optional call that is refused goes bare where the renewal fails, with the session in the ${sessionPlace}`, async () => {
    const world = await (await start({ options: { sessionPlace } })).signedIn()
    const carried = ({ header, query, body }) =>
      header.sessionid || query.sessionid || JSON.parse(body || '{}').sessionid
    world.backend.call = (request) => (carried(request) ? undefined : { data: 'for guests' })
    world.backend.exchange = () => problem(403, 'user_blocked')
    world.backend.expire()
    const options = { auth: 'optional', method: 'POST', data: { page: 1 }, header: { 'X-Trace': 'a' } }
    equal((await world.call('/page', options)).data, 'for guests')
    equal(world.backend.at('/page').map(carried), [world.backend.ids[0], undefined])
    equal(
      world.backend.at('/page').map(({ header, body }) => [header['x-trace'], JSON.parse(body).page]),
      [
        ['a', 1],
        ['a', 1],
      ],
    )
    await world.clock.pass(1000)
    await world.failure(world.call('/orders'), 'user_blocked')
  })
}
