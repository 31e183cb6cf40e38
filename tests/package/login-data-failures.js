/* Login data that fails, comes late or never comes, and the sign-in that fails with it. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { leaked } = require('./leaks')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('login data that fails')

const startWith = (loginData, more) => start({ options: Object.assign({ loginData }, more) })
const bodies = (world) => world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body))

const thrower = () => {
  throw new Error('of the app')
}
const failing = {
  throws: thrower,
  'throws nothing': () => {
    throw undefined
  },
  rejects: () => Promise.reject(new Error('of the app')),
  'rejects with a text': () => Promise.reject('of the app'),
  'rejects with nothing': () => Promise.reject(undefined),
  'gives null': () => null,
  'gives a text': () => 'appid=wx1',
  'gives a number': () => Promise.resolve(17),
  'gives something whose then throws': () => ({ then: thrower }),
  'gives what throws when it is read': () => ({
    get invitedBy() {
      throw new Error('not ready')
    },
  }),
  'gives what throws when it is awaited': () => Object.defineProperty({}, 'then', { get: thrower }),
}

test('an object that throws when it is read fails the sign-in, until it throws no more', async () => {
  let isReady = false
  const loginData = {
    get invitedBy() {
      return isReady ? 'alice' : thrower()
    },
  }
  const world = await startWith(loginData)
  await world.failure(world.call('/a'), 'login_data_failed')
  isReady = true
  await world.session.login()
  equal(
    bodies(world).map(({ invitedBy }) => invitedBy),
    ['alice'],
  )
})

for (const kind of Object.keys(failing)) {
  test(`a function that ${kind} fails the sign-in for everybody, and nothing is exchanged`, async () => {
    const world = await startWith((code) => failing[kind](code))
    const calls = [1, 2, 3].map(() => world.failure(world.call('/a'), 'login_data_failed'))
    const [error] = await Promise.all(calls.concat(world.failure(world.session.login(), 'login_data_failed')))
    if (/throws$|rejects$|text$/.test(kind)) ok(error.cause && typeof error.cause.errMsg === 'string', 'the cause')
    equal([world.counts(), world.session.state], [{ logins: 1, exchanges: 0, requests: 0 }, 'signed-out'])
  })
}

test('it counts as a failed sign-in: a pause of a second, and then all is well', async () => {
  let isBroken = true
  const world = await startWith(() => (isBroken ? thrower() : { a: 1 }))
  for (let number = 0; number < 2; number++) {
    await world.failure(world.call('/a'), 'login_data_failed')
    equal((await world.failure(world.call('/a'), 'sign_in_paused')).retryAfter, 1000)
    await world.clock.pass(1000)
  }
  isBroken = false
  equal((await world.call('/a')).statusCode, 200)
})

/** @type {Array<[object, number]>} */
const DEADLINES = [
  [{}, 5000],
  [{ loginDataTimeout: 70 }, 70],
]

for (const [options, deadline] of DEADLINES) {
  test(`a function that never ends fails after ${deadline} ms`, async () => {
    const asked = []
    const world = await startWith((code) => new Promise(() => asked.push(code)), options)
    const call = world.failure(world.call('/a'), 'login_data_timeout')
    await until(() => asked.length === 1)
    await quiet(world)
    await world.clock.pass(deadline - 1)
    equal(world.session.state, 'signing-in')
    await world.clock.pass(1)
    await call
    equal(world.counts(), { logins: 1, exchanges: 0, requests: 0 })
  })
}

for (const isThere of [true, false]) {
  test(`what ${isThere ? 'comes' : 'fails'} late of an earlier sign-in changes nothing of the next`, async () => {
    const gates = []
    const late = () => (isThere ? { number: 1 } : thrower())
    const loginData = () => {
      gates.push(createGate())
      return gates.length % 2 === 1 ? gates[gates.length - 1].opened.then(late) : { number: 2 }
    }
    const world = await startWith(loginData)
    world.backend.exchange = () => (world.backend.exchanges() === 1 ? problem(503, 'server_busy') : undefined)
    const first = world.failure(world.call('/a'), 'login_data_timeout')
    await until(() => gates.length === 1)
    await world.clock.pass(5000)
    await first
    const second = world.session.login()
    await until(() => world.backend.exchanges() === 1)
    await quiet(world)
    gates[0].open()
    await turns(4)
    equal(world.session.state, 'signing-in')
    await world.patiently(second)
    equal(
      bodies(world).map(({ number, code }) => [number, code]),
      [
        [2, world.told.codes[1]],
        [2, world.told.codes[1]],
      ],
    )

    const third = world.session.login({ force: true })
    await until(() => gates.length === 3)
    gates[0].open()
    await turns(4)
    equal([world.session.state, world.backend.exchanges()], ['signing-in', 2])
    gates[2].open()
    await (isThere ? third : world.failure(third, 'login_data_failed'))
  })
}

test('a sign-out while it is asked for: its code is never exchanged', async () => {
  const gate = createGate()
  const asked = []
  const world = await startWith((code) => {
    asked.push(code)
    return gate.opened
  })
  const call = world.failure(world.call('/a'), 'signed_out')
  await until(() => asked.length === 1)
  await world.session.logout()
  await call
  gate.open()
  await turns(4)
  await quiet(world)
  equal([world.counts().exchanges, world.session.state], [0, 'signed-out'])
})

test('a failure that repeats the code does not tell it', async () => {
  const world = await startWith((code) => Promise.reject(new Error(`no data for ${code}`)))
  const error = await world.failure(world.call('/a'), 'login_data_failed')
  ok(/no data for/.test(error.cause.errMsg), 'the rest is told')
  equal(leaked([error], world.told.codes), [])
})
