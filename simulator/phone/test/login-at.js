'use strict'

const { equal, test } = require('./runner')
const { failureOf, root, start, successOf } = require('./start')
const { loginAt, serve, startPhone } = require('../index')

test('wx.login has its codes from the simulated WeChat', async () => {
  const asked = []
  const wechat = await serve(({ method, path, body }) => {
    asked.push([method, path, JSON.parse(body)])
    return { data: { code: `code-${asked.length}` } }
  })
  const phone = startPhone({ root, newCode: loginAt(wechat.url, { appid: 'wx1', user: 'alice' }) })
  equal((await successOf(phone.wx.login)).code, 'code-1')
  equal((await successOf(phone.wx.login)).code, 'code-2')
  equal(asked[0], ['POST', '/simulator/login', { appid: 'wx1', user: 'alice' }])
  equal(phone.counts.requests, 0, 'requests of the program')
  await wechat.close()
})

test('without the simulated WeChat wx.login fails, and the cause names it', async () => {
  const { phone, url, close } = await start(() => ({}))
  await close()
  const alone = phone.restart({ newCode: loginAt(url) })
  equal((await failureOf(alone.wx.login)).errMsg, 'login:fail system error')
  equal(/cannot be reached: refused/.test(alone.thrown[0].error.message), true)
})
