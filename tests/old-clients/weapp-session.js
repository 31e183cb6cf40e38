'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { takeUnhandled } = require('../package/unhandled')
const { PROFILE, exchanges, open, outcome } = require('./world')

const test = group('weapp-session')
const CLIENT = require.resolve('./weapp-session-client')

async function startClient() {
  const world = await open()
  const phone = world.phone('ann', CLIENT)
  const request = phone.old()
  return { ...world, ...phone, call: (path, more) => outcome(request, { url: world.url + path, ...more }) }
}

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))

test('the first call signs in, and the backend knows its user from then on', async () => {
  const { call, phone, counts } = await startClient()
  const first = await call('/api/me?x=1', { method: 'POST', data: { a: 1 }, headers: { 'X-Mine': 'mine' } })
  equal(first.called, ['success', 'complete'])
  const { wxUserInfo, method, url, body, mine } = first.value.data
  equal([method, url, body, mine], ['POST', '/api/me?x=1', '{"a":1}', 'mine'])
  equal({ ...wxUserInfo, openId: '' }, { ...PROFILE, openId: '' })
  equal((await call('/api/me')).value.data.wxUserInfo, wxUserInfo)
  equal([phone.counts.logins, counts.userInfo, phone.counts.requests], [1, 1, 2])
})

test('eight first calls in parallel are one sign-in', async () => {
  const { call, phone } = await startClient()
  const before = await exchanges()
  const answers = await times(8, () => call('/api/me'))
  ok(
    answers.every(({ called, value }) => called[0] === 'success' && value.data.wxUserInfo.gender === 1),
    'all have their answers',
  )
  equal([(await exchanges()) - before, phone.counts.logins, phone.counts.requests], [1, 1, 8])
})

test('a session that was ended is followed by another, and no call is lost', async () => {
  const { call, end, phone } = await startClient()
  const { openId } = (await call('/api/me')).value.data.data
  await end(openId)
  const { called, value } = await call('/api/me')
  equal([called, value.data.data.openId], [['success', 'complete'], openId])
  equal([phone.counts.logins, phone.counts.requests], [2, 3])
})

test('a sign-in that is refused for good fails once', async () => {
  const { call, phone, block } = await startClient()
  await block()
  const { called, value } = await call('/api/me')
  equal([called, value], [['fail', 'complete'], { name: 'Error', message: 'The user is blocked' }])
  equal([phone.counts.logins, phone.counts.requests], [1, 1])
  // It throws what it fails with.
  equal(phone.thrown.splice(0).length, 1)
})

test('a code that WeChat refuses is tried with three more', async () => {
  const { call, phone } = await startClient()
  phone.hooks.request = ({ header }) => {
    header['X-WX-Code'] += 'spoilt'
  }
  const { called, value } = await call('/api/me')
  equal([called, value.message], [['fail', 'complete'], '请求失败次数过多'])
  equal(phone.counts.requests, 4)
  equal((await takeUnhandled()).length, 1)
})

test('while the server is away a call is answered by an object, and the next one after it is served', async () => {
  const { call, startServer, stopServer } = await startClient()
  await call('/api/me')
  await stopServer()
  const { called, value } = await call('/api/me')
  equal([called, value.statusCode, value.data.code], [['success', 'complete'], 503, 'store_unavailable'])
  await startServer()
  equal((await call('/api/me')).value.statusCode, 200)
})

test('its sign-ins and calls are counted as those of new clients are', async () => {
  const { call, measures } = await startClient()
  for (let time = 0; time < 3; time++) await call('/api/me')
  const told = await measures()
  ok(/wxsession_sign_ins_total\{outcome="signed_in"\} 1$/m.test(told), told)
  ok(/wxsession_verifications_total\{outcome="live"\} 3$/m.test(told), told)
})

test('the log names neither the code nor the user', async () => {
  const { call, at, printed } = await startClient()
  const { data } = (await call('/api/me')).value.data
  const { header } = at('/api/me')[0]
  const told = printed()
  ok(told.includes('answered'), 'requests are logged')
  for (const secret of [header['X-WX-Code'], header['X-WX-Signature'], data.openId, 'Alice']) {
    ok(!told.includes(secret), secret)
  }
})
