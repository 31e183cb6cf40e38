/* The session's deadline: what the server says about it, and what clocks do to it. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('deadline')

const ONE_CALL = { logins: 0, exchanges: 0, requests: 1 }
const RENEWED = { logins: 1, exchanges: 1, requests: 2 }
const YEAR = 365 * 24 * 3600 * 1000

async function signedInFor(expiresIn) {
  return (
    await start({
      before: (backend) => {
        backend.expiresIn = expiresIn
      },
    })
  ).signedIn()
}

const calls = (world) => world.added(async () => equal((await world.call('/products')).statusCode, 200))

test('a session is used until its deadline, and renewed before use from then on', async () => {
  const world = await signedInFor(60)
  await world.clock.pass(59999)
  equal(await calls(world), ONE_CALL)
  await world.clock.pass(1)
  equal(await calls(world), RENEWED)
  equal(
    world.backend.at('/products').map(({ header }) => header.sessionid),
    world.backend.ids,
  )
})

test('twenty calls past the deadline renew once', async () => {
  const world = await signedInFor(60)
  await world.clock.pass(60000)
  const added = await world.added(() => world.calls(20))
  equal(added, { logins: 1, exchanges: 1, requests: 21 })
})

test('use does not move the deadline', async () => {
  const world = await signedInFor(60)
  await world.clock.pass(40000)
  equal(await calls(world), ONE_CALL)
  await world.clock.pass(20000)
  equal(await calls(world), RENEWED)
})

test('the renewal presents the session that is past its deadline', async () => {
  const world = await signedInFor(60)
  await world.clock.pass(60000)
  await calls(world)
  equal(
    world.backend.at('/wx/onlogin').map(({ header }) => header.sessionid),
    [undefined, world.backend.ids[0]],
  )
})

for (const expiresIn of [undefined, null, 0, -1, 'soon', {}, [], false]) {
  test(`expires_in ${JSON.stringify(expiresIn)} means: until it is refused`, async () => {
    const world = await signedInFor(expiresIn)
    equal(await calls(world), ONE_CALL)
    await world.clock.pass(10 * YEAR)
    equal(await calls(world), ONE_CALL)
    world.backend.expire()
    equal(await calls(world), { logins: 1, exchanges: 1, requests: 3 })
  })
}

test('a fraction of a second counts', async () => {
  const world = await signedInFor(0.5)
  await world.clock.pass(499)
  equal(await calls(world), ONE_CALL)
  await world.clock.pass(1)
  equal(await calls(world), RENEWED)
})

test('a lifetime beyond all measure is a long one', async () => {
  const world = await signedInFor(1e300)
  await world.clock.pass(10 * YEAR)
  equal(await calls(world), ONE_CALL)
})

test('the deadline holds across a restart', async () => {
  const world = await signedInFor(60)
  await world.clock.pass(59999)
  const next = world.restart()
  equal(await calls(next), ONE_CALL)
  await world.clock.pass(1)
  const last = next.restart()
  equal(await calls(last), RENEWED)
})

test('a clock that was set back renews before use, for nobody knows how much time is left', async () => {
  const world = await signedInFor(60)
  world.clock.jump(-1)
  equal(await calls(world), RENEWED)
  equal(await calls(world), ONE_CALL)
  const next = world.restart()
  world.clock.jump(-3600000)
  equal(await calls(next), RENEWED)
})

test('a clock that was set ahead renews before use', async () => {
  const world = await signedInFor(60)
  world.clock.jump(3600000)
  equal(await calls(world), RENEWED)
  equal(await calls(world), ONE_CALL)
})

test('a clock that was set back during a pause does not lengthen it', async () => {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 400 })
  await world.failure(world.call('/products'), 'exchange_rejected')
  world.clock.jump(-3600000)
  world.backend.exchange = () => {}
  equal((await world.call('/products')).statusCode, 200)
})
