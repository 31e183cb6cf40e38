/* What the app sends along with the login code. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { deeplyFrozen } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('login data')

const startWith = (loginData, more) => start({ options: Object.assign({ loginData }, more) })
const bodies = (world) => world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body))

test('an object goes along with every code, and is not changed', async () => {
  const world = await startWith(deeplyFrozen({ appid: 'wx1', from: { scene: 1001 } }))
  await world.session.login()
  await world.session.login({ force: true })
  equal(
    bodies(world),
    world.told.codes.map((code) => ({ appid: 'wx1', from: { scene: 1001 }, code })),
  )
})

test('with GET it is in the query', async () => {
  const world = await startWith(() => ({ appid: 'wx1', name: '商品 & more' }), { loginMethod: 'GET' })
  await world.session.login()
  equal(
    world.backend.at('/wx/onlogin').map(({ query }) => query),
    [{ appid: 'wx1', name: '商品 & more', code: world.told.codes[0] }],
  )
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
  'gives something that can be awaited': (code) => ({ then: (resolve) => resolve({ length: code.length }) }),
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
  equal(
    bodies(world).map(({ code, number }) => [code, number]),
    [
      [first, 1],
      [first, 1],
      [second, 2],
      [second, 2],
    ],
  )
})

test('what it gave for one code is not sent with the next', async () => {
  let number = 0
  const world = await startWith(() => (++number === 1 ? { first: 1 } : undefined))
  await world.session.login()
  await world.session.login({ force: true })
  equal(
    bodies(world).map((body) => Object.keys(body).sort()),
    [['code', 'first'], ['code']],
  )
})

test('a function that calls the session it is asked for waits for itself, and not for ever', async () => {
  const world = await start()
  const session = world.createSession(
    Object.assign({}, world.options, {
      storageKey: 'mine',
      loginData: () => session.request({ url: '/profile' }).then(({ data }) => data),
    }),
  )
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

test('a second answer of wx.login does not replace the code that the login data was made for', async () => {
  const sent = []
  const loginData = (code) => Promise.resolve().then(() => ({ signed: code }))
  const world = await start({ options: { loginData } })
  const { login, request } = world.phone.wx
  world.phone.wx.login = (options) => {
    options.success({ code: 'first' })
    options.success({ code: 'second' })
    world.phone.wx.login = login
  }
  world.phone.wx.request = (options) => {
    if (/onlogin/.test(options.url)) sent.push(options.data)
    return request(options)
  }
  await world.session.login()
  equal(sent, [{ signed: 'first', code: 'first' }])
})
