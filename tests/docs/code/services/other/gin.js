/* gin with gin-jwt. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  const refuse = (response, message) =>
    response.status(401).set('WWW-Authenticate', 'JWT realm=gin jwt').json({ code: 401, message })
  app.post('/login', express.json(), ({ body }, response) => {
    const token = tokens.issue(body.code)
    if (!token) return refuse(response, 'incorrect Username or Password')
    response.json({ code: 200, expire: new Date(Date.now() + 3600e3).toISOString(), token })
  })
  app.use((request, response, next) => {
    if (tokens.isLive(bearerOf(request))) next()
    else refuse(response, bearerOf(request) ? 'Token is expired' : 'cookie token is empty')
  })
  app.post('/logout', (request, response) => {
    tokens.end(bearerOf(request))
    response.json({ code: 200 })
  })
  app.get('/me', (_, response) => response.json({ name: 'gin' }))
  return app
}
