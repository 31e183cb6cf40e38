/*
 * The service that readers of the usual tutorial write: `GET /wx/onlogin?code=` answers `{ sessionid }`, and other calls
 * present the id in a header. The service knows nothing of this project.
 */
'use strict'

const crypto = require('crypto')
const express = require('express')

/** @param {(code: string) => string | undefined} openidOf Exchanges a code, as WeChat does. */
function createService(openidOf) {
  const sessions = new Map()
  const app = express()

  app.get('/wx/onlogin', (request, response) => {
    const code = /** @type {string} */ (request.query.code)
    if (!code) return response.status(400).json({ error: 'code is missing' })
    const openid = openidOf(code)
    if (!openid) return response.status(400).json({ error: 'code is wrong' })
    const sessionid = crypto.randomBytes(16).toString('hex')
    sessions.set(sessionid, openid)
    response.json({ sessionid })
  })

  app.get('/wx/products/list', (request, response) => {
    if (!sessions.has(request.header('sessionid'))) return response.status(401).json({ error: 'log in first' })
    response.json([
      { id: 1, name: 'Tea' },
      { id: 2, name: 'Cup' },
    ])
  })

  return { app, sessions }
}

module.exports = { createService }
