/* After a failure calls fail fast for a while, so that they do not flood a server in trouble. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet } = require('./waiting')

const test = group('pause')

async function failing() {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 400 })
  return world
}

/** How long the error tells the app to wait. */
async function pauseOf(world) {
  const { retryAfter } = await world.failure(world.call('/products'), 'sign_in_paused')
  return retryAfter
}

test('a call in the pause fails at once and says how long to wait', async () => {
  const world = await failing()
  await world.failure(world.call('/products'), 'exchange_rejected')
  const added = await world.added(async () => {
    equal(await pauseOf(world), 1000)
    await world.clock.pass(400)
    equal(await pauseOf(world), 600)
    await world.clock.pass(599)
    equal(await pauseOf(world), 1)
  })
  equal(added, { logins: 0, exchanges: 0, requests: 0 })
  await world.clock.pass(1)
  await world.failure(world.call('/products'), 'exchange_rejected')
})

test('pauses double up to a minute', async () => {
  const world = await failing()
  const pauses = []
  for (let number = 0; number < 9; number++) {
    await world.failure(world.call('/products'), 'exchange_rejected')
    pauses.push(await pauseOf(world))
    await world.clock.pass(pauses[number])
  }
  equal(pauses, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000])
})

test('a success takes the pauses back to the shortest', async () => {
  const world = await failing()
  for (const pause of [1000, 2000]) {
    await world.failure(world.call('/products'), 'exchange_rejected')
    await world.clock.pass(pause)
  }
  world.backend.exchange = () => {}
  await world.session.login()
  world.backend.exchange = () => ({ statusCode: 400 })
  await world.failure(world.session.login({ force: true }), 'exchange_rejected')
  await world.clock.pass(999)
  world.backend.expire()
  equal((await world.call('/products')).statusCode, 401)
  await world.clock.pass(1)
  await world.failure(world.call('/products'), 'exchange_rejected')
})

const never = () => ({ times: 0 })
const requestFails = (fail) => ({ hooks: { request: () => ({ fail }) } })

/** Failures in which no server was asked, or none answered: how each comes about. */
const ofNoServer = {
  login_failed: { hooks: { login: () => ({ fail: { errMsg: 'login:fail' } }) } },
  login_timeout: { hooks: { login: never } },
  // An app whose data comes from a server fails so without a network.
  login_data_failed: { options: { loginData: () => Promise.reject(new Error('offline')) } },
  login_data_timeout: { options: { loginData: () => new Promise(() => {}) } },
  network: requestFails({ errMsg: 'request:fail' }),
  interrupted: requestFails({ errMsg: 'request:fail interrupted', errno: 600003 }),
  exchange_timeout: { hooks: { request: never }, options: { exchangeTimeout: 1000 } },
}

for (const code of Object.keys(ofNoServer)) {
  test(`a failure with ${code} always pauses for a second`, async () => {
    const { hooks, options } = ofNoServer[code]
    const world = await start({ options, phone: { hooks } })
    for (let number = 0; number < 4; number++) {
      await world.patiently(world.failure(world.call('/products'), code))
      equal(await pauseOf(world), 1000)
      await world.clock.pass(1000)
    }
  })
}

test('a call in the pause hears of the failure, however long the pause is', async () => {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 429, header: { 'Retry-After': '60' } })
  await world.failure(world.call('/products'), 'rate_limited')
  await world.clock.pass(59000)
  const { cause } = await world.failure(world.call('/products'), 'sign_in_paused')
  equal([cause.code, cause.statusCode], ['rate_limited', 429])
})

test('login() skips the pause', async () => {
  const world = await failing()
  await world.failure(world.call('/products'), 'exchange_rejected')
  await world.failure(world.session.login(), 'exchange_rejected')
  world.backend.exchange = () => {}
  await world.session.login()
  equal(await world.calls(2), [200, 200])
})

test('signing out ends the pause', async () => {
  const world = await failing()
  await world.failure(world.call('/products'), 'exchange_rejected')
  await world.session.logout()
  await world.failure(world.call('/products'), 'signed_out')
  await quiet(world)
  equal(world.counts().exchanges, 1)
})
