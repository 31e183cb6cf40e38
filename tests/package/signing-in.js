/* However many calls wait, there is one wx.login and one exchange. */
'use strict'

const { createMemoryNetwork, platform } = require('../../simulator/phone')
const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')
const { createGate, until } = require('./waiting')

const test = group('signing in')

const twenty = Array.from({ length: 20 }, () => 200)

test('twenty cold calls make one login, one exchange and twenty-one requests', async () => {
  const world = await start()
  equal(await world.calls(20), twenty)
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
  const [exchange, ...calls] = world.phone.requests
  equal(exchange.path, '/wx/onlogin')
  equal(
    calls.map(({ header }) => header.sessionid),
    twenty.map(() => world.backend.ids[0]),
  )
})

test('the same holds where wx calls back before its calls return', async () => {
  const memory = createMemoryNetwork(platform.timers)
  const world = await start({ phone: { network: memory.network, sameTick: true } })
  const server = await memory.serve(world.backend.answer)
  const other = world.createSession({ loginUrl: `${server.url}/wx/onlogin`, storageKey: 'memory' })
  const calls = twenty.map((_, place) => other.request({ url: `/call/${place}` }))
  equal(
    (await Promise.all(calls)).map(({ statusCode }) => statusCode),
    twenty,
  )
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
})

test('calls go out in the order in which they were made', async () => {
  const world = await start()
  await world.calls(12)
  const paths = world.phone.requests.slice(1).map(({ path }) => path)
  equal(
    paths,
    paths.map((_, place) => `/call/${place}`),
  )
})

test('calls made while wx.login or the exchange is under way join it', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  world.phone.hooks.login = () => ({ delay: 1000 })
  const first = world.calls(3)
  await until(() => world.phone.counts.logins === 1)
  const second = world.calls(3)
  await world.clock.pass(1000)
  await until(() => world.backend.exchanges() === 1)
  const third = world.calls(3)
  gate.open()
  equal([].concat(await first, await second, await third), twenty.slice(0, 9))
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 10 })
})

test('login() shares the sign-in with calls, and resolves to nothing', async () => {
  const world = await start()
  const call = world.call('/products')
  const logins = [world.session.login(), world.session.login()]
  equal(await Promise.all(logins), [undefined, undefined])
  equal((await call).statusCode, 200)
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 2 })
})

test('login() with a live session does nothing', async () => {
  const world = await (await start()).signedIn()
  equal(await world.added(() => world.session.login()), { logins: 0, exchanges: 0, requests: 0 })
})

test('login({ force: true }) replaces a live session, and calls made meanwhile use the new one', async () => {
  const world = await (await start()).signedIn()
  const login = world.session.login({ force: true })
  const { data } = await world.call('/products')
  await login
  equal(data.session, 2)
  const [first, second] = world.backend.ids
  equal(
    world.backend.at('/wx/onlogin').map(({ header }) => header.sessionid),
    [undefined, first],
  )
  equal([world.backend.isLive(first), world.backend.isLive(second)], [false, true])
})

test('the code goes in a JSON body, or in the query with GET', async () => {
  const world = await (await start({ options: { hostOf: plain } })).signedIn()
  const [posted] = world.backend.at('/wx/onlogin')
  equal([posted.method, JSON.parse(posted.body), posted.query], ['POST', { code: world.told.codes[0] }, {}])

  const other = await (await start({ options: { hostOf: plain, loginMethod: 'GET' } })).signedIn()
  const [got] = other.backend.at('/wx/onlogin')
  equal([got.method, got.body, got.query], ['GET', '', { code: other.told.codes[0] }])
})

test('sessions with keys of their own sign in on their own', async () => {
  const world = await start()
  const other = world.createSession(Object.assign({}, world.options, { storageKey: 'other' }))
  await Promise.all([world.session.login(), other.login()])
  const [one, two] = await Promise.all([world.call('/products'), other.request({ url: '/products' })])
  equal([one.data.session, two.data.session].sort(), [1, 2])
  equal(world.counts(), { logins: 2, exchanges: 2, requests: 4 })
})

test('the state can be read and is told after each change', async () => {
  const world = await start()
  const told = []
  equal(world.session.state, 'loading')
  const off = world.session.onChange((state) => told.push([state, world.session.state]))
  await world.session.login()
  equal(
    told,
    ['signed-out', 'signing-in', 'signed-in'].map((state) => [state, state]),
  )
  off()
  await world.session.logout()
  equal([world.session.state, told.length], ['signed-out', 3])
})

test('what a listener throws is thrown on and disturbs neither the sign-in nor other listeners', async () => {
  const world = await start()
  const told = []
  const thrown = new Error('of the app')
  world.session.onChange(() => {
    throw thrown
  })
  world.session.onChange((state) => told.push(state))
  equal(await world.calls(2), [200, 200])
  equal(told, ['signed-out', 'signing-in', 'signed-in'])
  ok(
    (await world.thrownOn(3)).every((error) => error === thrown),
    'itself',
  )
})
