/* The host whose methods a session calls. */
'use strict'

const { equal, ok, thrownBy } = require('./assert')
const { make, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('hosts')

const NEEDED = ['login', 'request', 'getStorageSync', 'setStorageSync', 'removeStorageSync']
const METHODS = NEEDED.concat('uploadFile', 'downloadFile', 'connectSocket')

/** A phone's host whose methods record their names and pass the call on. */
function noting({ wx }, called) {
  const host = {}
  for (const name of METHODS) {
    host[name] = (...given) => {
      called.push(name)
      return wx[name](...given)
    }
  }
  return host
}

test('every call goes to the host that is given, and none past it', async () => {
  const called = []
  const world = await start()
  const host = noting(world.phone, called)
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'of the host' }))
  const calls = { session, url: world.url, phone: world.phone }
  await Promise.all(['request'].concat(transfers).map((kind) => make(calls, kind, '/a')))
  make(calls, 'connectSocket', '/live')
  await until(() => world.backend.sockets.length === 1)
  world.backend.expire()
  await make(calls, 'request', '/b')
  // Without room for the ending, the session is removed.
  world.phone.hooks.storage = (operation) => {
    if (operation === 'set') throw new Error('no room')
  }
  await session.logout()
  equal(Array.from(new Set(called)).sort(), METHODS.slice().sort())
  const { logins, requests, uploads, downloads, sockets } = world.phone.counts
  const times = (name) => called.filter((other) => other === name).length
  equal(
    [logins, requests].concat(uploads, downloads, sockets),
    ['login', 'request'].concat(METHODS.slice(-3)).map(times),
  )
})

test('a method that is replaced later is the one that is called', async () => {
  const world = await (await start()).signedIn()
  const { request } = world.phone.wx
  let times = 0
  world.phone.wx.request = (options) => {
    times++
    return request(options)
  }
  equal([await world.calls(3), times], [[200, 200, 200], 3])
})

test('an object made from a host, with a method of its own, is a host', async () => {
  const world = await start()
  const { wx } = world.phone
  const login = (options) => wx.login(Object.assign({ force: false }, options))
  const host = Object.assign(Object.create(wx), { login })
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'of its own' }))
  equal((await session.request({ url: `${world.url}/a` })).statusCode, 200)
})

test('a host that listens hears what becomes of each call, and why', async () => {
  const world = await start()
  const told = []
  const trace = ({ what, url, why }) => told.push([what, url.slice(url.lastIndexOf('/')), why])
  const host = Object.assign(Object.create(world.phone.wx), { trace })
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'of a listener' }))
  const call = (path, more) => session.request(Object.assign({ url: world.url + path }, more))
  await call('/early')
  await session.login({ force: true })
  call('/free', { auth: false })
  session.request({ url: 'https://other.example/foreign' }).abort()
  await call('/live')
  world.backend.expire()
  await call('/late')
  equal(told, [
    ['wait', '/early', 'loading'],
    ['wait', '/early', undefined],
    ['bare', '/free', 'auth'],
    ['bare', '/foreign', 'origin'],
    ['refused', '/late', 'session_expired'],
    ['resend', '/late', undefined],
  ])
})

for (const name of NEEDED) {
  test(`a host without ${name} is refused, and the error names it`, async () => {
    const world = await start()
    const host = Object.assign({}, world.phone.wx, { [name]: undefined })
    const error = thrownBy(() => world.createSession({ loginUrl: `${world.url}/wx/onlogin`, host }))
    equal(error.code, 'invalid_option')
    ok(/^host: /.test(error.message) && error.message.indexOf(name) > 0, error.message)
  })
}

for (const kind of ['uploadFile', 'downloadFile', 'connectSocket']) {
  test(`a host without ${kind} is one, and fails those calls alone`, async () => {
    const world = await start()
    const host = Object.assign({}, world.phone.wx, { [kind]: undefined })
    const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'of less' }))
    const heard = new Promise((resolve) => {
      make({ session, url: world.url, phone: world.phone }, kind, '/a', { fail: resolve })
    })
    equal([(await heard).code, session.state], ['request_failed', 'signed-in'])
  })
}
