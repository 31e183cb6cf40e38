'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { PROFILE, open, outcome } = require('./world')

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))

for (const [name, tellsOfUsers] of /** @type {[string, boolean][]} */ ([
  // Today's WeChat gives the older one nothing encrypted that it could send.
  ['qcloud-weapp-client-sdk', false],
  ['wafer-client-sdk', true],
])) {
  const test = group(name)

  const startClient = async () => {
    const world = await open()
    const phone = world.phone('ann', require.resolve(name))
    const wafer = phone.old()
    wafer.setLoginUrl(`${world.url}/login`)
    return { ...world, ...phone, wafer, call: (more) => outcome(wafer.request, { url: `${world.url}/me`, ...more }) }
  }

  test('a login is followed by calls whose user the backend knows', async () => {
    const { wafer, call, phone } = await startClient()
    const { called, value } = await outcome(wafer.login)
    equal([called, value], [['success'], PROFILE])
    const data = { a: 1 }
    const answer = await call({ login: true, method: 'POST', data, header: { 'X-Mine': 'mine' } })
    equal(answer.called, ['success', 'complete'])
    const { data: whose, wxUserInfo, method, body, mine } = answer.value.data
    equal([method, body, mine], ['POST', '{"a":1}', 'mine'])
    equal(wxUserInfo, tellsOfUsers ? { ...PROFILE, openId: whose.openId } : null)
    ok(whose.openId, 'the backend has an openid')
    equal([phone.counts.logins, phone.counts.requests], [1, 2])
  })

  test('a session that was ended is followed by another, and no call is lost', async () => {
    const { wafer, call, end, phone } = await startClient()
    await outcome(wafer.login)
    const { openId } = (await call()).value.data.data
    await end(openId)
    const { called, value } = await call()
    equal([called, value.data.data.openId], [['success', 'complete'], openId])
    equal(phone.counts.logins, 2)
  })

  test('three logins in parallel all have a session', async () => {
    const { call, at } = await startClient()
    const answers = await times(3, () => call({ login: true }))
    equal(
      answers.map(({ called, value }) => [called[0], value.data.code]),
      Array(3).fill(['success', 0]),
    )
    equal(at('/login').length, 3)
  })

  test('a call without a session signs in', async () => {
    const { call, phone } = await startClient()
    const { called, value } = await call()
    equal([called, value.data.code, phone.counts.logins], [['success', 'complete'], 0, 1])
  })

  test('a login that is refused says so in its own words', async () => {
    const { wafer, block } = await startClient()
    await block()
    const { called, value } = await outcome(wafer.login)
    equal([called, value.type], [['fail'], 'ERR_LOGIN_MISSING_SESSION'])
    equal(value.message, '登录失败(ERR_LOGIN_FAILED)：该用户已被禁止登录')
  })

  test('a server that has lost its sessions gives new ones', async () => {
    const { wafer, call, startServer, stopServer } = await startClient()
    await outcome(wafer.login)
    await stopServer()
    await startServer()
    equal((await call()).value.data.code, 0)
  })

  test('the log names no secret', async () => {
    const { wafer, call, at, printed } = await startClient()
    await outcome(wafer.login)
    const { openId } = (await call()).value.data.data
    const [login, sent] = [at('/login')[0].header, at('/me')[0].header]
    for (const secret of [login['X-WX-Code'], sent['X-WX-Skey'], sent['X-WX-Id'], openId]) {
      ok(secret && !printed().includes(secret), secret)
    }
  })
}
