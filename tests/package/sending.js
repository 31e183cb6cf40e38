/* What is sent, and when. */
'use strict'

const { equal, ok } = require('./assert')
const { deeplyFrozen } = require('./kinds')
const { group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')
const { createGate, quiet, until } = require('./waiting')

const test = group('sending')

/** Records the options that wx.request receives. */
function spy(world) {
  const given = []
  const native = world.phone.wx.request
  world.phone.wx.request = (options) => {
    given.push(options)
    return native(options)
  }
  return given
}

test('with a live session wx.request is called before session.request returns', async () => {
  const world = await (await start()).signedIn()
  const before = world.phone.counts.requests
  const call = world.call('/products')
  equal(world.phone.counts.requests, before + 1)
  equal(world.phone.requests[before].header.sessionid, world.backend.ids[0])
  await call
})

test('calls made before the core is loaded are held in their order', async () => {
  const world = await start({ options: undefined })
  const calls = world.calls(5)
  equal([world.session.state, world.phone.counts.requests], ['loading', 0])
  await calls
  const paths = world.phone.requests.slice(1).map(({ path }) => path)
  equal(paths, ['/call/0', '/call/1', '/call/2', '/call/3', '/call/4'])
})

test('a call without a URL fails in a later turn, even before the core is loaded', async () => {
  const world = await start()
  for (const options of [undefined, null, {}, { url: '' }, { url: 17 }]) {
    const heard = []
    const call = world.session.request(options && Object.assign({ fail: () => heard.push('fail') }, options))
    equal(heard, [])
    const { message } = await world.failure(call, 'invalid_option')
    ok(/\burl\b/.test(message), `it names the option: ${message}`)
    equal(heard.length, options ? 1 : 0)
  }
  equal(world.phone.counts.requests, 0)
})

test("the caller's options and headers are never changed, not even by a resend", async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const options = deeplyFrozen({
    url: `${world.url}/orders`,
    method: 'POST',
    data: { list: [1, 2] },
    header: { 'X-Trace': 'a', SessionID: 'of the caller' },
    success() {},
  })
  equal((await world.session.request(options)).statusCode, 200)
  const bare = deeplyFrozen({ url: `${world.url}/orders`, auth: false, header: {} })
  equal((await world.session.request(bare)).statusCode, 401)
})

test("the caller's headers survive, and the session's cannot be overridden in any case of letters", async () => {
  const world = await (await start()).signedIn()
  const header = { 'X-Trace': 'a', sessionid: 'one', SessionID: 'two', SESSIONID: 'three', 'x-sessionid': 'four' }
  await world.call('/products', { header })
  const sent = world.phone.requests[1].header
  const named = Object.keys(sent).filter((name) => /^sessionid$/i.test(name))
  equal(
    named.map((name) => sent[name]),
    [world.backend.ids[0]],
  )
  equal([sent['X-Trace'], sent['x-sessionid']], ['a', 'four'])
})

test('the name of the header is an option', async () => {
  const world = await (await start({ options: { hostOf: plain, sessionName: 'X-Token' } })).signedIn()
  world.backend.refusal = ({ header }) => ({ data: header['x-token'] })
  const { data } = await world.call('/products', { header: { 'x-token': 'mine', sessionid: 'mine too' } })
  equal(data, world.backend.ids[0])
  equal(world.phone.requests[1].header.sessionid, 'mine too')
  await world.session.login({ force: true })
  await world.session.logout()
  const [, , renewal, ending] = world.phone.requests
  equal(
    [renewal, ending].map(({ header }) => [header['X-Token'], 'sessionid' in header]),
    world.backend.ids.map((id) => [id, false]),
  )
})

test('a call may have no headers at all', async () => {
  const world = await (await start()).signedIn()
  for (const header of [undefined, null, {}]) equal((await world.call('/products', { header })).statusCode, 200)
})

test('auth: false goes out at once and bare, and never signs in', async () => {
  const world = await start()
  equal(world.session.state, 'loading')
  const cold = world.call('/weather', { auth: false })
  equal(world.phone.counts.requests, 1)
  equal((await cold).statusCode, 401)
  equal(world.counts(), { logins: 0, exchanges: 0, requests: 1 })

  await world.signedIn()
  const added = await world.added(() => world.call('/weather', { auth: false, header: { 'X-Trace': 'a' } }))
  equal(added, { logins: 0, exchanges: 0, requests: 1 })
  const { header } = world.phone.requests[world.phone.requests.length - 1]
  equal(['sessionid' in header, header['X-Trace']], [false, 'a'])
})

test('auth: false does not wait for a sign-in under way', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const waiting = world.call('/products')
  await until(() => world.backend.exchanges() === 1)
  equal((await world.call('/weather', { auth: false })).statusCode, 401)
  gate.open()
  equal((await waiting).statusCode, 200)
})

test('a path is joined to the origin of the login URL, or to baseUrl', async () => {
  const world = await (await start()).signedIn()
  equal((await world.session.request({ url: '/products?a=1' })).data.path, '/products')
  const { url } = world
  const other = world.createSession({ loginUrl: `${url}/wx/onlogin`, baseUrl: `${url}/v2/`, storageKey: 'other' })
  equal((await other.request({ url: '/products' })).data.path, '/v2/products')
  equal((await other.request({ url: '/weather', auth: false })).statusCode, 401)
  equal(world.phone.requests[world.phone.requests.length - 1].path, '/v2/weather')
})

test('wx is given every option of the caller as it is, and no timeout of ours', async () => {
  const world = await (await start({ options: { hostOf: plain } })).signedIn()
  const given = spy(world)
  const options = { method: 'PUT', data: { a: 1 }, dataType: 'json', enableHttp2: true, ofTheFuture: 'x' }
  await world.call('/products', options)
  for (const name of Object.keys(options)) equal(given[0][name], options[name], name)
  equal(given[0].timeout, undefined)
  await world.call('/products', { timeout: 4321, auth: true })
  equal([given[1].timeout, 'auth' in given[1]], [4321, false])
  await world.call('/products', { auth: false })
  equal('auth' in given[2], false)
})

test('what wx says of a call that fails reaches the caller', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail timeout', errno: 5 } })
  const error = await world.failure(world.call('/products'), 'request_failed')
  equal(
    [error.errMsg, error.errno, error.cause.errMsg, error.cause.errno],
    ['request:fail timeout', 5, 'request:fail timeout', 5],
  )
  await quiet(world)
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 2 })
})

test('a call that waits, or is sent again, goes out as it was made', async () => {
  const world = await start()
  const data = { page: 1 }
  const header = { 'x-page': '1' }
  const turnTo = (page) => {
    data.page = page
    header['x-page'] = String(page)
  }
  const first = world.call('/a', { method: 'POST', data, header })
  turnTo(2)
  await first
  world.backend.expire()
  const second = world.call('/b', { method: 'POST', data, header })
  turnTo(3)
  await second
  const pages = (path) => world.backend.at(path).map((sent) => [JSON.parse(sent.body).page, sent.header['x-page']])
  equal(
    [pages('/a'), pages('/b')],
    [
      [[1, '1']],
      [
        [2, '2'],
        [2, '2'],
      ],
    ],
  )
})

test('a body with a nature of its own goes out as wx would have it', async () => {
  const world = await (await start()).signedIn()
  class Page {
    toJSON() {
      return { page: 4 }
    }
  }
  await world.call('/a', { method: 'POST', data: new Page() })
  equal(JSON.parse(world.backend.at('/a')[0].body), { page: 4 })
})

test('what somebody between changes of a send is not in the next', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const { request } = world.phone.wx
  world.phone.wx.request = (options) => {
    if (typeof options.data === 'object' && /\/a$/.test(options.url)) options.data = JSON.stringify(options.data)
    return request(options)
  }
  await world.call('/a', { method: 'POST', data: { a: 1 } })
  equal(
    world.backend.at('/a').map(({ body }) => body),
    ['{"a":1}', '{"a":1}'],
  )
})
