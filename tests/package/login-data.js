/* What the app sends along with the login code. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { deeplyFrozen } = require('./kinds')
const { leaked } = require('./leaks')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('login data')

const startWith = (loginData, more) => start({ options: Object.assign({ loginData }, more) })
const bodies = (world) => world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body))

test('an object goes along with every code, and is not changed', async () => {
  const world = await startWith(deeplyFrozen({ appid: 'wx1', from: { scene: 1001 } }))
  await world.session.login()
  await world.session.login({ force: true })
  equal(bodies(world), world.told.codes.map((code) => ({ appid: 'wx1', from: { scene: 1001 }, code })))
})

test('with GET it is in the query', async () => {
  const world = await startWith(() => ({ appid: 'wx1', name: '商品 & more' }), { loginMethod: 'GET' })
  await world.session.login()
  equal(world.backend.at('/wx/onlogin').map(({ query }) => query), [
    { appid: 'wx1', name: '商品 & more', code: world.told.codes[0] }
  ])
})

test('the code of wx.login wins over one in the data', async () => {
  for (const loginData of [{ code: 'mine', a: 1 }, () => ({ code: 'mine', a: 1 })]) {
    const world = await startWith(loginData)
    await world.session.login()
    equal(bodies(world), [{ code: world.told.codes[0], a: 1 }])
  }
})

const functions = {
  'gives an object': (code) => ({ length: code.length }),
  'gives a promise of one': (code) => Promise.resolve({ length: code.length }),
  'takes a turn': async (code) => {
    await turns(2)
    return { length: code.length }
  },
  'gives something that can be awaited': (code) => ({ then: (resolve) => resolve({ length: code.length }) })
}

for (const kind of Object.keys(functions)) {
  test(`a function that ${kind} is given the code`, async () => {
    const world = await startWith(functions[kind])
    equal(await world.calls(3), [200, 200, 200])
    const [code] = world.told.codes
    equal(bodies(world), [{ code, length: code.length }])
  })
}

test('a function that gives nothing adds nothing', async () => {
  for (const loginData of [() => {}, () => undefined, () => Promise.resolve()]) {
    const world = await startWith(loginData)
    await world.session.login()
    equal(bodies(world), [{ code: world.told.codes[0] }])
  }
})

test('a function is called once for each code: not again for a retry, but for a fresh code', async () => {
  const asked = []
  const world = await startWith((code) => {
    asked.push(code)
    return { number: asked.length }
  })
  const answers = [problem(503, 'server_busy'), problem(401, 'code_invalid'), problem(503, 'server_busy'), undefined]
  world.backend.exchange = () => answers[world.backend.exchanges() - 1]
  equal((await world.patiently(world.call('/a'))).statusCode, 200)
  const [first, second] = world.told.codes
  equal(asked, [first, second])
  equal(bodies(world).map(({ code, number }) => [code, number]), [[first, 1], [first, 1], [second, 2], [second, 2]])
})

test('what it gave for one code is not sent with the next', async () => {
  let number = 0
  const world = await startWith(() => ++number === 1 ? { first: 1 } : undefined)
  await world.session.login()
  await world.session.login({ force: true })
  equal(bodies(world).map((body) => Object.keys(body).sort()), [['code', 'first'], ['code']])
})

const thrower = () => { throw new Error('of the app') }
const failing = {
  'throws': thrower,
  'throws nothing': () => { throw undefined },
  'rejects': () => Promise.reject(new Error('of the app')),
  'rejects with a text': () => Promise.reject('of the app'),
  'rejects with nothing': () => Promise.reject(undefined),
  'gives null': () => null,
  'gives a text': () => 'appid=wx1',
  'gives a number': () => Promise.resolve(17),
  'gives something whose then throws': () => ({ then: thrower }),
  'gives what throws when it is awaited': () => Object.defineProperty({}, 'then', { get: thrower })
}

for (const kind of Object.keys(failing)) {
  test(`a function that ${kind} fails the sign-in for everybody, and nothing is exchanged`, async () => {
    const world = await startWith((code) => failing[kind](code))
    const calls = [1, 2, 3].map(() => world.failure(world.call('/a'), 'login_data_failed'))
    const [error] = await Promise.all(calls.concat(world.failure(world.session.login(), 'login_data_failed')))
    if (/throws$|rejects$|text$/.test(kind)) ok(error.cause && typeof error.cause.errMsg === 'string', 'the cause')
    equal([world.counts(), world.session.state], [{ logins: 1, exchanges: 0, requests: 0 }, 'signed-out'])
  })
}

test('it counts as a failed sign-in: a pause that doubles, and then all is well', async () => {
  let isBroken = true
  const world = await startWith(() => isBroken ? thrower() : { a: 1 })
  for (const pause of [1000, 2000]) {
    await world.failure(world.call('/a'), 'login_data_failed')
    equal((await world.failure(world.call('/a'), 'sign_in_paused')).retryAfter, pause)
    await world.clock.pass(pause)
  }
  isBroken = false
  equal((await world.call('/a')).statusCode, 200)
})

for (const [options, deadline] of [[{}, 5000], [{ loginDataTimeout: 70 }, 70]]) {
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
    const late = () => isThere ? { number: 1 } : thrower()
    const loginData = () => {
      gates.push(createGate())
      return gates.length % 2 === 1 ? gates[gates.length - 1].opened.then(late) : { number: 2 }
    }
    const world = await startWith(loginData)
    world.backend.exchange = () => world.backend.exchanges() === 1 ? problem(503, 'server_busy') : undefined
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
    equal(bodies(world).map(({ number, code }) => [number, code]), [[2, world.told.codes[1]], [2, world.told.codes[1]]])

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

test('a function that calls the session it is asked for waits for itself, and not for ever', async () => {
  const world = await start()
  const session = world.createSession(Object.assign({}, world.options, {
    storageKey: 'mine',
    loginData: () => session.request({ url: '/profile' }).then(({ data }) => data)
  }))
  const call = world.failure(session.request({ url: '/a' }), 'login_data_timeout')
  await until(() => session.state === 'signing-in')
  await quiet(world)
  await world.clock.pass(5000)
  await call
})

test('a function may make bare calls and read the state', async () => {
  const loginData = async () => {
    await world.call('/scene', { auth: false })
    return { state: world.session.state }
  }
  const world = await startWith(loginData)
  equal((await world.call('/a')).statusCode, 200)
  equal(bodies(world)[0].state, 'signing-in')
})

test('a failure that repeats the code does not tell it', async () => {
  const world = await startWith((code) => Promise.reject(new Error(`no data for ${code}`)))
  const error = await world.failure(world.call('/a'), 'login_data_failed')
  ok(/no data for/.test(error.cause.errMsg), 'the rest is told')
  equal(leaked([error], world.told.codes), [])
})

test('a function that signs out ends its own sign-in, and one that signs in anew joins it', async () => {
  const leaving = await startWith(() => {
    leaving.session.logout()
    return {}
  })
  await leaving.failure(leaving.call('/a'), 'signed_out')
  await quiet(leaving)
  equal([leaving.counts().exchanges, leaving.session.state], [0, 'signed-out'])
  let login
  const world = await startWith(() => {
    login = login || world.session.login({ force: true })
    return {}
  })
  equal((await world.call('/a')).statusCode, 200)
  await login
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 2 })
})
