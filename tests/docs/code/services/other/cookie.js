/* A backend that keeps its sessions in two cookies. */
'use strict'

const express = require('express')

module.exports = (tokens) => {
  const app = express()
  const tokenOf = (request) => (/(?:^|; )sid=([^;]+)/.exec(request.header('Cookie') || '') || [])[1]
  app.post('/login', express.json(), ({ body }, response) => {
    const token = tokens.issue(body.code)
    if (!token) return response.status(400).end()
    response.append('Set-Cookie', `sid=${token}; Path=/; HttpOnly; Expires=Fri, 01 Jan 2100 00:00:00 GMT`)
    response.append('Set-Cookie', 'node=b; Path=/')
    response.json({ ok: true })
  })
  app.use((request, response, next) => {
    if (tokens.isLive(tokenOf(request)) && /node=b/.test(request.header('Cookie'))) next()
    else response.status(401).end()
  })
  app.post('/logout', (request, response) => {
    tokens.end(tokenOf(request))
    response.status(204).end()
  })
  app.get('/me', (_, response) => response.json({ name: 'Cookie' }))
  return app
}
