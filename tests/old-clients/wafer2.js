'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { PROFILE, open, outcome } = require('./world')

for (const version of ['1.1.1', '1.1.3', '2.0.0', '2.1.0']) {
  const test = group(`wafer2-client-sdk ${version}`)
  const comesBackByCode = version.startsWith('2')

  const startClient = async () => {
    const world = await open()
    const phone = world.phone('ann', require.resolve(`wafer2-client-sdk-${version}`))
    const wafer = phone.old()
    wafer.setLoginUrl(`${world.url}/weapp/login`)
    const call = (more) => outcome(wafer.request, { url: `${world.url}/weapp/user`, login: true, ...more })
    return { ...world, ...phone, wafer, call }
  }

  test('a login is followed by calls whose user the backend knows', async () => {
    const { wafer, call, at } = await startClient()
    const { called, value } = await outcome(wafer.login)
    equal([called, value.nickName, value.gender], [['success'], PROFILE.nickName, 1])
    const { value: answer } = await call({ method: 'POST', data: { a: 1 }, header: { 'X-Mine': 'mine' } })
    const { data, wxUserInfo, method, body, mine } = answer.data
    equal([method, body, mine], ['POST', '{"a":1}', 'mine'])
    equal(wxUserInfo, { ...PROFILE, openId: data.openId })
    // The first version gives its caller what the phone has.
    if (version !== '1.1.1') equal([value.openId, value.watermark.appid], [data.openId, 'wx5e55105e55105e55'])
    ok(at('/weapp/user')[0].header['X-WX-Skey'], 'the call had a key')
  })

  test('a session that was ended is followed by another, and no call is lost', async () => {
    const { wafer, call, end, counts } = await startClient()
    await outcome(wafer.login)
    const { openId } = (await call()).value.data.data
    await end(openId)
    const told = counts.userInfo
    // With `login` the second version signs in before each call.
    const { called, value } = await call({ login: version === '2.0.0' })
    equal([called, value.data.data.openId], [['success', 'complete'], openId])
    equal(counts.userInfo, comesBackByCode ? told : told + 1)
  })

  if (comesBackByCode) {
    test('a user whom the server does not know has to be asked first', async () => {
      const { wafer, call } = await startClient()
      const alone = await outcome(wafer.loginWithCode)
      equal([alone.called, alone.value.message], [['fail'], '用户未登录过，请先使用 login() 登录'])
      equal((await call()).value.message, '用户未登录过，请先使用 login() 登录')
      await outcome(wafer.login)
      equal((await outcome(wafer.loginWithCode)).called, ['success'])
    })
  }

  test('a login that is refused says so', async () => {
    const { wafer, block } = await startClient()
    await block()
    const { called, value } = await outcome(wafer.login)
    equal(called, ['fail'])
    ok(/禁止登录|ERR_LOGIN_FAILED|没有包含会话响应/.test(value.message), value.message)
  })

  test('a call whose check is impossible ends no session', async () => {
    const { wafer, call, at, stopServer, startServer } = await startClient()
    await outcome(wafer.login)
    await stopServer()
    const logins = at('/weapp/login').length
    const { called, value } = await call({ login: false }).catch((error) => ({ called: [], value: error }))
    equal([called, value.statusCode], [['success', 'complete'], 503])
    equal(at('/weapp/login').length, logins)
    await startServer()
  })
}
