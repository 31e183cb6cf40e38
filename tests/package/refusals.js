/* A refused session is renewed silently, once for all calls. A refusal that persists is delivered to the app. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('refusals')

const twenty = Array.from({ length: 20 }, () => 200)

test('twenty calls refused together make one login, one exchange and forty-one requests', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const added = await world.added(async () => equal(await world.calls(20), twenty))
  equal(added, { logins: 1, exchanges: 1, requests: 41 })
})

test('twenty calls whose refusals arrive over time, some after the renewal, make no more than that', async () => {
  const world = await (await start()).signedIn()
  const [old] = world.backend.ids
  const late = createGate()
  let held = 0
  world.backend.expire()
  // Every third refusal is held until a renewed call has come through.
  world.backend.call = ({ header, path }) => {
    if (header.sessionid === old && Number(path.slice(6)) % 3 === 0) {
      held++
      return late.opened
    }
    if (header.sessionid !== old) late.open()
    return undefined
  }
  const added = await world.added(async () => equal(await world.calls(20), twenty))
  equal([added, held], [{ logins: 1, exchanges: 1, requests: 41 }, 7])
  equal([world.backend.ids.length, world.session.state], [2, 'signed-in'])
})

const namings = {
  session_expired: () => problem(401, 'session_expired'),
  session_missing: () => problem(401, 'session_missing'),
  'no name': () => ({ statusCode: 401 }),
  "a name of the app's own": () => ({ statusCode: 401, data: { code: 'not_logged_in' } }),
  text: () => ({ statusCode: 401, data: 'please log in' }),
  'a name in the header alone': () => ({
    statusCode: 401,
    header: { 'www-authenticate': 'WxSession error="session_expired"' },
  }),
  'another challenge': () => ({ statusCode: 401, header: { 'WWW-Authenticate': 'Bearer realm="x"' } }),
}

for (const kind of Object.keys(namings)) {
  test(`a 401 with ${kind} renews and sends once more`, async () => {
    const world = await (await start()).signedIn()
    world.backend.refusal = namings[kind]
    world.backend.expire()
    const added = await world.added(async () => equal((await world.call('/products')).data.session, 2))
    equal(added, { logins: 1, exchanges: 1, requests: 3 })
  })
}

test('no other status is a refusal, whatever it names', async () => {
  const world = await (await start()).signedIn()
  for (const statusCode of [200, 204, 301, 400, 402, 403, 404, 410, 419, 440, 500, 503]) {
    world.backend.call = () => Object.assign(problem(401, 'session_expired'), { statusCode })
    const added = await world.added(async () => equal((await world.call('/products')).statusCode, statusCode))
    equal(added, { logins: 0, exchanges: 0, requests: 1 }, `status ${statusCode}`)
  }
})

test('the renewal presents the session that it replaces', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  await world.call('/products')
  const [, second] = world.backend.at('/wx/onlogin')
  equal(second.header.sessionid, world.backend.ids[0])
})

/** A live session, and an endpoint that answers 401 to every session. */
async function withOneRefusing() {
  const world = await (await start()).signedIn()
  world.backend.call = ({ path }) => (path === '/refuses' ? { statusCode: 401, data: 'never' } : undefined)
  return world
}

test('a call that is always refused is sent twice, and its caller is given the answer', async () => {
  const world = await withOneRefusing()
  const added = await world.added(async () => {
    const { data, statusCode } = await world.call('/refuses')
    equal([data, statusCode], ['never', 401])
  })
  equal(added, { logins: 1, exchanges: 1, requests: 3 })
})

test('twenty calls that are always refused are sent twice at most, for one sign-in', async () => {
  const world = await withOneRefusing()
  const added = await world.added(async () => {
    equal(
      await world.calls(20, '/refuses'),
      twenty.map(() => 401),
    )
  })
  equal(added, { logins: 1, exchanges: 1, requests: 41 })
})

test('a second refusal keeps the session, here and in storage', async () => {
  const world = await withOneRefusing()
  await world.call('/refuses')
  equal(world.session.state, 'signed-in')
  equal((await world.call('/products')).data.session, 2)
  const next = world.restart()
  equal((await next.call('/products')).data.session, 2)
  equal(next.phone.counts.logins, 0)
})

test('after a second refusal, a refusal in the pause costs neither a sign-in nor a resend', async () => {
  const world = await withOneRefusing()
  await world.call('/refuses')
  const added = await world.added(async () => equal(await world.calls(5, '/refuses'), [401, 401, 401, 401, 401]))
  equal(added, { logins: 0, exchanges: 0, requests: 5 })
  await world.clock.pass(999)
  equal(await world.added(() => world.call('/refuses')), { logins: 0, exchanges: 0, requests: 1 })
})

test('each such pause is twice as long as the last', async () => {
  const world = await withOneRefusing()
  for (const pause of [1000, 2000, 4000]) {
    equal(await world.added(() => world.call('/refuses')), { logins: 1, exchanges: 1, requests: 3 })
    await world.clock.pass(pause - 1)
    equal(await world.added(() => world.call('/refuses')), { logins: 0, exchanges: 0, requests: 1 })
    await world.clock.pass(1)
  }
})

test('a minute without a second refusal takes those pauses back to the shortest', async () => {
  const world = await withOneRefusing()
  for (const pause of [1000, 2000]) {
    await world.call('/refuses')
    await world.clock.pass(pause)
  }
  await world.clock.pass(60001)
  await world.call('/refuses')
  await world.clock.pass(1000)
  equal(await world.added(() => world.call('/refuses')), { logins: 1, exchanges: 1, requests: 3 })
})

test('calls that a renewal helps do not take those pauses back, or an endpoint of its own mind costs one a second', async () => {
  const world = await withOneRefusing()
  const before = world.phone.counts.logins
  for (let second = 0; second < 60; second++) {
    const calls = ['/a', '/b', '/refuses', '/c'].map((path) => world.call(path))
    await Promise.all(calls)
    await world.clock.pass(1000)
  }
  const logins = world.phone.counts.logins - before
  equal(logins <= 6, true, `${logins} sign-ins in a minute`)
})

test('a renewal that fails fails every refused call once, with its cause', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened.then(() => problem(403, 'user_blocked'))
  const calls = [1, 2, 3].map(() => world.failure(world.call('/products'), 'user_blocked'))
  await until(() => world.phone.requests.filter(({ state }) => state === 'answered').length === 4)
  gate.open()
  await Promise.all(calls)
  equal([world.phone.counts.logins, world.session.state], [2, 'signed-out'])
  world.backend.exchange = () => {}
  await world.clock.pass(1000)
  equal((await world.call('/products')).data.session, 2)
})

test('a call made while the session is renewed waits for the new one', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened
  const refused = world.call('/first')
  await until(() => world.backend.exchanges() === 2)
  const added = await world.added(async () => {
    const second = world.call('/second')
    await turns(3)
    equal(world.backend.at('/second'), [])
    gate.open()
    equal((await second).data.session, 2)
    equal((await refused).data.session, 2)
  })
  equal([added.logins, world.backend.at('/second').length], [0, 1])
})

test('a refusal does not touch calls that the server accepts', async () => {
  const world = await withOneRefusing()
  const calls = [world.calls(5), world.calls(5, '/refuses'), world.calls(5)]
  const [one, two, three] = await Promise.all(calls)
  equal([one, three], [twenty.slice(0, 5), twenty.slice(0, 5)])
  equal(two, [401, 401, 401, 401, 401])
})
