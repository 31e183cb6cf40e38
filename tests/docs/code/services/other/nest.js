/* NestJS with the guard of its documentation: a sign-in is a 201, and there is no sign-out. */
'use strict'

const express = require('express')
const { bearerOf } = require('./tokens')

module.exports = (tokens) => {
  const app = express()
  const refuse = (response) => response.status(401).json({ message: 'Unauthorized', statusCode: 401 })
  app.post('/auth/login', express.json(), ({ body }, response) => {
    const access_token = tokens.issue(body.code)
    if (access_token) response.status(201).json({ access_token })
    else refuse(response)
  })
  app.get('/me', (request, response) => {
    if (tokens.isLive(bearerOf(request))) response.json({ name: 'Nest' })
    else refuse(response)
  })
  app.use(({ method, path }, response) =>
    response.status(404).json({ message: `Cannot ${method} ${path}`, error: 'Not Found', statusCode: 404 }),
  )
  return app
}
