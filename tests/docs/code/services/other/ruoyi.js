/* RuoYi-Vue-Plus: Sa-Token behind a client id; every answer has status 200, and `code` tells. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

const CLIENT = 'be7052a7e4f802c20df10a8d131adb12'
const UNAUTHORIZED = { code: 401, msg: '认证失败，无法访问系统资源', data: null }

module.exports = (tokens) => {
  const app = express()
  app.use(express.json())
  // `/auth/login` is exempt from the filter.
  app.post('/auth/login', ({ body }, response) => {
    const { clientId, grantType, tenantId, appid, xcxCode } = body
    if (clientId !== CLIENT || grantType !== 'xcx')
      return response.json({ code: 500, msg: '认证权限类型错误', data: null })
    if (!tenantId || !appid) return response.json({ code: 500, msg: '租户编号不能为空', data: null })
    const token = tokens.issue(xcxCode)
    if (!token) return response.json({ code: 500, msg: '小程序登录失败', data: null })
    response.json({
      code: 200,
      msg: '操作成功',
      data: { access_token: token, refresh_token: null, expire_in: 604800, client_id: CLIENT },
    })
  })
  app.use((request, response, next) => {
    const isRight = tokens.isLive(bearerOf(request)) && request.header('clientid') === CLIENT
    if (isRight) next()
    else response.json(UNAUTHORIZED)
  })
  app.post('/auth/logout', (request, response) => {
    tokens.end(bearerOf(request))
    response.json({ code: 200, msg: '退出成功', data: null })
  })
  app.get('/me', (_, response) => response.json({ code: 200, msg: '操作成功', data: { name: '若依' } }))
  return app
}
