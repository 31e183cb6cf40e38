/* A service of one's own that exchanges WeCom's codes at WeCom. */
'use strict'

const express = require('express')

module.exports = (tokens) => {
  const app = express()
  app.post('/wx/onlogin', express.json(), ({ body }, response) => {
    const isOfWeCom = body.from === 'wecom' && /^qy-/.test(body.code)
    const sessionid = isOfWeCom && tokens.issue(body.code)
    if (sessionid) response.json({ sessionid, expires_in: 7200 })
    else response.status(401).json({ code: 'code_invalid' })
  })
  app.use((request, response, next) => {
    if (tokens.isLive(request.header('sessionid'))) next()
    else response.status(401).json({ code: 'session_expired' })
  })
  app.post('/wx/logout', (request, response) => {
    tokens.end(request.header('sessionid'))
    response.status(204).end()
  })
  app.get('/me', (_, response) => response.json({ name: 'WeCom' }))
  return app
}
