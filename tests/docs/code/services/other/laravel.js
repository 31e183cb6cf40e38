/* Laravel with Sanctum: who does not accept JSON is redirected to a page, whose route an API does not have. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  const wantsJson = (request) => /json/.test(request.header('Accept') || '')
  app.post('/api/login', express.json(), (request, response) => {
    const token = tokens.issue(request.body.code)
    if (token) return response.json({ token })
    if (!wantsJson(request)) return response.redirect('/')
    response.status(422).json({ message: 'The code is invalid.', errors: { code: ['The code is invalid.'] } })
  })
  app.use((request, response, next) => {
    if (tokens.isLive(bearerOf(request))) next()
    else if (wantsJson(request)) response.status(401).json({ message: 'Unauthenticated.' })
    else response.status(500).send('<title>Route [login] not defined.</title>')
  })
  app.post('/api/logout', (request, response) => {
    tokens.end(bearerOf(request))
    response.status(204).end()
  })
  app.get('/me', (_, response) => response.json({ name: 'Laravel' }))
  return app
}
