/* What differs on Douyin: `tt` and TTWebAssembly. These tests use a Douyin phone, whatever phone the others use. */
'use strict'

const { equal, ok, thrownBy } = require('./assert')
const { make } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('douyin')

/** A world on a Douyin phone. */
function douyin(setting) {
  const { phone } = Object(setting)
  return start(Object.assign({}, setting, { phone: Object.assign({ host: 'tt' }, phone) }))
}

test('a program that does not say whose methods to call is told to', async () => {
  const world = await douyin()
  const { createSession } = world.phone.require('wxsession')
  const error = thrownBy(() => createSession(world.options))
  equal(error.code, 'invalid_option')
  ok(/^host: /.test(error.message) && /\btt\b/.test(error.message), error.message)
})

test('one that does signs in once for many calls, and keeps its session', async () => {
  const world = await douyin()
  equal(await world.calls(20), Array(20).fill(200))
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
  const next = world.restart()
  equal(await next.calls(2), [200, 200])
  equal(next.counts(), { logins: 0, exchanges: 0, requests: 2 })
})

test('only what the code is exchanged for is sent: no anonymous code', async () => {
  const world = await douyin()
  await world.session.login()
  const [{ body }] = world.backend.at('/wx/onlogin')
  equal(Object.keys(JSON.parse(body)), ['code'])
})

test('a user who closes the window that asks to sign in fails the sign-in, in the words of tt', async () => {
  const world = await douyin({ phone: { isSignedIn: false } })
  const error = await world.failure(world.call('/products'), 'login_failed')
  equal([error.errMsg, world.counts().exchanges], ['login:fail host login fail', 0])
})

test('a user who is not asked fails it for want of a code, and is asked when the program says so', async () => {
  const world = await douyin({ phone: { isSignedIn: false } })
  const tt = world.phone.wx
  const asked = []
  const login = (options) => {
    asked.push(options.force)
    tt.login(Object.assign({ force: false }, options))
  }
  const host = Object.assign(Object.create(tt), { login })
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'quiet' }))
  const error = await world.failure(session.login(), 'login_failed')
  equal([error.cause.errMsg, asked, world.counts().exchanges], ['login:ok', [undefined], 0])
})

test('the number of a failure, which tt calls errNo, is told as errno', async () => {
  const world = await (await douyin()).signedIn()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail', errNo: 21104 } })
  const error = await world.failure(world.call('/products'), 'request_failed')
  equal([error.errno, error.cause.errno], [21104, 21104])
})

test('a sign-in that the background ends was interrupted', async () => {
  const world = await douyin()
  world.backend.exchange = () => {
    world.phone.interrupt()
    return { hang: true }
  }
  const { errMsg } = await world.patiently(world.failure(world.call('/products'), 'interrupted'))
  ok(/in background/.test(errMsg), errMsg)
})

test('a socket may be closed with a code that is text', async () => {
  const world = await (await douyin()).signedIn()
  const closes = []
  make(world, 'connectSocket', '/live').onClose(({ code }) => closes.push(code))
  await until(() => world.backend.sockets.length === 1)
  world.backend.sockets[0].close(4401)
  await until(() => world.phone.counts.logins === 2)
  equal(closes, ['4401'])
})

test('the methods of tt.request go out, PATCH among them', async () => {
  const world = await (await douyin()).signedIn()
  equal((await world.call('/products', { method: 'PATCH', data: { a: 1 } })).statusCode, 200)
  equal(
    world.backend.at('/products').map(({ method }) => method),
    ['PATCH'],
  )
})
