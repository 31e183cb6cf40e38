/* Sa-Token with the handler of its documentation: status 200 and `code: 500`, whatever the reason. */
'use strict'

const express = require('express')

module.exports = (tokens) => {
  const app = express()
  let why = 'token 无效'
  app.use(express.json())
  app.post('/user/login', ({ body }, response) => {
    const tokenValue = tokens.issue(body.code)
    if (!tokenValue) return response.json({ code: 500, msg: 'code been used', data: null })
    response.json({
      code: 200,
      msg: 'ok',
      data: { tokenName: 'satoken', tokenValue, isLogin: true, tokenTimeout: 2592000 },
    })
  })
  app.use((request, response, next) => {
    const token = request.header('satoken')
    if (tokens.isLive(token)) next()
    else response.json({ code: 500, msg: token ? why : '未能读取到有效 token', data: null })
  })
  app.post('/user/logout', (request, response) => {
    tokens.end(request.header('satoken'))
    response.json({ code: 200, msg: 'ok', data: null })
  })
  app.get('/me', (_, response) => response.json({ code: 200, msg: 'ok', data: { name: 'Sa' } }))
  return Object.assign(app, {
    /** Why sessions are over from now on. */
    because(message) {
      why = message
    },
  })
}
