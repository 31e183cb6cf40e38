/* Django REST framework with Simple JWT: authentication comes before permissions, so a wrong token fails at every view. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  app.enable('strict routing')
  app.use((request, response, next) => {
    const token = bearerOf(request)
    if (token === undefined || tokens.isLive(token)) return next()
    response
      .status(401)
      .set('WWW-Authenticate', 'Bearer realm="api"')
      .json({
        detail: 'Given token not valid for any token type',
        code: 'token_not_valid',
        messages: [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is expired' }],
      })
  })
  app.post('/api/wx/login/', express.json(), ({ body }, response) => {
    const access = tokens.issue(body.code)
    if (access) response.json({ refresh: 'r', access })
    else response.status(400).json({ code: ['invalid code'] })
  })
  app.use((request, response, next) => {
    if (bearerOf(request)) return next()
    const detail = 'Authentication credentials were not provided.'
    response.status(401).set('WWW-Authenticate', 'Bearer realm="api"').json({ detail })
  })
  app.post('/api/wx/logout/', (request, response) => {
    tokens.end(bearerOf(request))
    response.status(205).end()
  })
  app.get('/me', (_, response) => response.json({ name: 'Django' }))
  return app
}
