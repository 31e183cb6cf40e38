/* How a phone with `host: 'tt'` differs. */
'use strict'

const { equal, test, until } = require('./runner')
const { failureOf, start, successOf } = require('./start')

const douyin = (backend, options) => start(backend || (() => ({})), Object.assign({ host: 'tt' }, options))

test('a Douyin program has tt and TTWebAssembly, and nothing of WeChat', async () => {
  const { phone } = await douyin()
  equal(phone.require('./globals').hosts, ['undefined', 'undefined', 'object', 'object'])
  const weChat = await start(() => ({}))
  equal(weChat.phone.require('./globals').hosts, ['object', 'object', 'undefined', 'undefined'])
  equal([phone.host, weChat.phone.host], ['tt', 'wx'])
})

test('tt.login gives a code of the user and one of the device', async () => {
  const { phone } = await douyin()
  const { code, anonymousCode, isLogin, errMsg } = await successOf(phone.wx.login)
  equal([typeof code, typeof anonymousCode, isLogin, errMsg], ['string', 'string', true, 'login:ok'])
})

test('a user who is not signed in to the app closes the window that asks, or is not asked and has no code', async () => {
  const { phone } = await douyin(undefined, { isSignedIn: false })
  const { errMsg, errorCode } = await failureOf(phone.wx.login)
  equal([errMsg, errorCode], ['login:fail host login fail', 113001])
  const answer = await successOf(phone.wx.login, { force: false })
  equal(['code' in answer, typeof answer.anonymousCode, answer.isLogin], [false, 'string', false])
})

test('a failure has its number as errNo, where it has one', async () => {
  const { phone } = await douyin(() => ({ reset: true }))
  const { errNo, errno } = await failureOf(phone.wx.request, { url: 'nowhere' })
  equal([typeof errNo, errno], ['number', undefined])
})

test('the background ends requests in words of its own', async () => {
  const { phone, url } = await douyin(() => ({ hang: true }))
  const failure = failureOf(phone.wx.request, { url })
  await until(() => phone.requests.some(({ state }) => state === 'sent'))
  phone.interrupt()
  equal(await failure, { errMsg: 'request:fail app in background' })
})

test("requests may be PATCH, and their referer is Douyin's", async () => {
  const { phone, url } = await douyin()
  equal((await successOf(phone.wx.request, { url, method: 'PATCH' })).statusCode, 200)
  const [{ header, method }] = phone.requests
  equal([method, /^https:\/\/tmaservice\.developer\.toutiao\.com\/\?appid=/.test(header.referer)], ['PATCH', true])
})

test('a socket is closed with a code that is text', async () => {
  const { phone, url } = await douyin(() => ({ accept: (socket) => socket.close(4401, 'session_expired') }))
  const closes = []
  phone.wx.connectSocket({ url: url.replace('http', 'ws') }).onClose(({ code, reason }) => closes.push([code, reason]))
  await until(() => closes.length === 1)
  equal(closes, [['4401', 'session_expired']])
})

test("a module's path begins at the package with a slash, else at the page", async () => {
  const { phone } = await douyin()
  const { instance } = await phone.WXWebAssembly.instantiate('/add.wasm', {})
  equal(instance.exports.add(2, 3), 5)
  const error = await phone.WXWebAssembly.instantiate('add.wasm', {}).catch((reason) => reason)
  equal(error.message, 'TTWebAssembly.instantiate(): no .wasm or .wasm.br file add.wasm found in the code package')
})
