/* Spring Security's resource server: a bearer token is judged before the route, also where everybody is permitted. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  app.use((request, response, next) => {
    const token = bearerOf(request)
    if (token === undefined || tokens.isLive(token)) return next()
    const why = 'error="invalid_token", error_description="Jwt expired at 2026-01-01T00:00:00Z"'
    response.status(401).set('WWW-Authenticate', `Bearer ${why}`).end()
  })
  app.post('/auth/wechat', express.json(), ({ body }, response) => {
    const accessToken = tokens.issue(body.code)
    if (accessToken) response.json({ accessToken, expiresIn: 3600 })
    else response.status(500).json({ status: 500, error: 'Internal Server Error', path: '/auth/wechat' })
  })
  app.use((request, response, next) => {
    if (bearerOf(request)) next()
    else response.status(401).set('WWW-Authenticate', 'Bearer').end()
  })
  app.post('/auth/logout', (request, response) => {
    tokens.end(bearerOf(request))
    response.status(204).end()
  })
  app.get('/me', (_, response) => response.json({ name: 'Spring' }))
  return app
}
