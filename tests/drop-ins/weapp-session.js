'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { weappSession } = require('./servers/weapp-session')
const { leaked, outcome, start } = require('./start')

const test = group('weapp-session-client')

async function startClient(options) {
  const world = await start(weappSession, options)
  const request = world.client('weapp-session-client')
  return { ...world, request, call: (path, more) => outcome(request, { url: world.url + path, ...more }) }
}

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))

test('twenty first calls sign in once, and each is sent once', async () => {
  const { call, phone, counts, wechat } = await startClient()
  const answers = await times(20, (place) => call(`/api/me?place=${place}`))
  equal(
    answers.map(({ called, value }) => [called.join(), value.data.query.place, value.data.openId]),
    answers.map((_, place) => ['success,complete', String(place), wechat.openId]),
  )
  equal([phone.counts.logins, counts.userInfo, phone.counts.requests, wechat.exchanged.length], [1, 1, 20, 1])
})

test('twenty calls after the server has lost the session sign in once more', async () => {
  const { call, phone, service, wechat } = await startClient()
  await call('/api/me')
  service.expire()
  const answers = await times(20, () => call('/api/me'))
  ok(
    answers.every(({ called, value }) => called[0] === 'success' && value.data.openId === wechat.openId),
    'all',
  )
  // One that was refused goes with the sign-in, and the others after it.
  equal([phone.counts.logins, wechat.exchanged.length, phone.counts.requests], [2, 2, 41])
})

test('the call that signs in keeps its method, its body and its headers, in either spelling', async () => {
  const { call } = await startClient()
  const data = { a: { b: [1, 2] } }
  const called = call('/api/me', { method: 'POST', data, header: { 'X-Mine': 'one' } })
  data.a.b.push(3)
  const { value } = await called
  equal([value.data.method, value.data.body, value.data.mine], ['POST', { a: { b: [1, 2] } }, 'one'])
  equal((await call('/api/me', { headers: { 'X-Mine': 'two' } })).value.data.mine, 'two')
})

test('the session survives a restart', async () => {
  const world = await startClient()
  await world.call('/api/me')
  const { phone, client } = world.restarted('weapp-session-client')
  const { value } = await outcome(client, { url: `${world.url}/api/me` })
  equal([value.data.openId, phone.counts.logins, phone.counts.requests], [world.wechat.openId, 0, 1])
})

test('a body that is no object, and a status that is no success, are answers', async () => {
  const { call } = await startClient()
  equal((await call('/api/text')).value.data, 'text')
  const { called, value } = await call('/api/broken')
  equal([called, value.statusCode], [['success', 'complete'], 500])
})

test('a failed wx.login fails the calls that wait for it, and no later ones', async () => {
  const { call, phone } = await startClient()
  phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  const failed = await times(3, () => call('/api/me'))
  equal(
    failed.map(({ called, value }) => [called.join(), value.code]),
    Array(3).fill(['fail,complete', 'login_failed']),
  )
  phone.hooks.login = () => {}
  await new Promise((resolve) => setTimeout(resolve, 1100))
  equal((await call('/api/me')).called, ['success', 'complete'])
})

test('a failed wx.getUserInfo does the same', async () => {
  const { call, counts } = await startClient()
  counts.failing = true
  equal((await call('/api/me')).value.code, 'login_data_failed')
})

test('a signature that the server does not believe is tried once more, with a fresh code', async () => {
  const { call, phone, wechat } = await startClient()
  const { userInfo } = wechat
  let isFirst = true
  wechat.userInfo = () => {
    const made = userInfo()
    if (isFirst) made.signature = 'of another key'
    isFirst = false
    return made
  }
  const { called } = await call('/api/me')
  equal([called, phone.counts.logins], [['success', 'complete'], 2])
})

test('a sign-in that is refused for good says what the server said', async () => {
  const { call, wechat, phone } = await startClient()
  wechat.isRefusing = true
  const failed = await times(3, () => call('/api/me'))
  equal(
    failed.map(({ called, value }) => [called.join(), value.message]),
    Array(3).fill(['fail,complete', '请求失败次数过多']),
  )
  equal(phone.counts.logins, 2)
})

test('a call that is under way is not sent again to sign another in', async () => {
  const { call, service, at } = await startClient()
  await call('/api/me')
  const slow = call('/api/slow')
  while (service.slow.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  service.expire()
  equal((await call('/api/me')).called, ['success', 'complete'])
  service.slow[0]()
  await slow
  equal(at('/api/slow').length, 1)
})

test('a call whose connection breaks during its sign-in fails alone, and is not sent twice', async () => {
  const { call, phone, at } = await startClient()
  phone.hooks.request = ({ path }) => path === '/api/first' && { fail: { errMsg: 'request:fail broken' } }
  const [first, second] = await Promise.all([call('/api/first'), call('/api/me')])
  equal([first.called, first.value.errMsg], [['fail', 'complete'], 'request:fail broken'])
  equal([second.called, at('/api/first').length], [['success', 'complete'], 1])
})

test('what a callback throws breaks no other call', async () => {
  const { request, call, phone, url } = await startClient()
  request({
    url: `${url}/api/me`,
    success() {
      throw new Error('of the app')
    },
  })
  equal((await call('/api/me')).called, ['success', 'complete'])
  await new Promise((resolve) => setTimeout(resolve, 5))
  equal(
    phone.thrown.splice(0).map(({ error }) => error.message),
    ['of the app'],
  )
})

test('it can be awaited, and a failure that nobody awaits is nobody’s', async () => {
  const { request, url, wechat } = await startClient()
  equal((await request({ url: `${url}/api/me` })).data.openId, wechat.openId)
  request({ url: 'https://localhost:1/api/me' })
  equal(await request({ url: 'no url' }).catch(({ code }) => code), 'invalid_option')
})

test('another server gets a session of its own, unless the program says that they are one', async () => {
  const world = await startClient()
  const other = world.url.replace('127.0.0.1', 'localhost')
  await world.call('/api/me')
  await outcome(world.request, { url: `${other}/api/me` })
  equal(world.phone.counts.logins, 2)
  const codes = world.at('/api/me').map(({ header }) => header['X-WX-Code'])
  ok(codes[0] !== codes[1], 'each has a code of its own')

  const together = await startClient()
  const another = together.url.replace('127.0.0.1', 'localhost')
  together.request.setOptions({ origins: [together.url, another] })
  await together.call('/api/me')
  equal((await outcome(together.request, { url: `${another}/api/me` })).called, ['success', 'complete'])
  equal(together.phone.counts.logins, 1)
})

test('no failure tells a code', async () => {
  const { call, phone, service, wechat } = await startClient()
  await call('/api/me')
  const code = wechat.exchanged[0]
  phone.hooks.request = () => ({ fail: { errMsg: `request:fail with ${code}` } })
  const { value } = await call('/api/me')
  equal(leaked([value], [code]), [])
  service.expire()
})
