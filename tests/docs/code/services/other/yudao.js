/* yudao: the tenant is judged first, then the token; every answer has status 200, and `code` tells. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  app.use((request, response, next) => {
    if (request.header('tenant-id') === '1') next()
    else response.json({ code: 400, data: null, msg: '请求的租户标识未传递，请进行排查' })
  })
  app.use(express.json())
  // A wrong token makes nobody of the caller, and routes that permit everybody go on.
  app.post('/app-api/member/auth/social-login', ({ body: { type, code, state } }, response) => {
    if (type !== 34 || !state) return response.json({ code: 400, data: null, msg: '请求参数不正确:state 不能为空' })
    const token = tokens.issue(code)
    if (!token) return response.json({ code: 1002018000, data: null, msg: '社交授权失败，原因是：code been used' })
    response.json({
      code: 0,
      data: { userId: 1, accessToken: token, refreshToken: 'r', expiresTime: Date.now() + 7200e3 },
      msg: '',
    })
  })
  app.post('/app-api/member/auth/logout', (request, response) => {
    tokens.end(bearerOf(request))
    response.json({ code: 0, data: true, msg: '' })
  })
  app.use((request, response, next) => {
    if (tokens.isLive(bearerOf(request))) next()
    else response.json({ code: 401, data: null, msg: '账号未登录' })
  })
  app.get('/me', (_, response) => response.json({ code: 0, data: { name: '芋道' }, msg: '' }))
  return app
}
