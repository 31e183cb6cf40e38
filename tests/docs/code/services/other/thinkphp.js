/* ThinkPHP as FastAdmin uses it: forms, `code: 1` for success, and a 401 in status and body. */
'use strict'

const express = require('express')

module.exports = (tokens) => {
  const app = express()
  const result = (code, msg, data) => ({ code, msg, time: '1767225600', data })
  app.post('/api/user/login', express.urlencoded({ extended: false }), ({ body }, response) => {
    const token = tokens.issue(Object(body).code)
    if (!token) return response.json(result(0, '登录失败', null))
    response.json(result(1, '登录成功', { userinfo: { id: 1, token, expires_in: 2592000 } }))
  })
  app.use((request, response, next) => {
    if (tokens.isLive(request.header('token'))) next()
    else response.status(401).json(result(401, '请登录后操作', null))
  })
  app.post('/api/user/logout', (request, response) => {
    tokens.end(request.header('token'))
    response.json(result(1, '退出成功', null))
  })
  app.get('/me', (_, response) => response.json(result(1, '', { name: 'ThinkPHP' })))
  return app
}
