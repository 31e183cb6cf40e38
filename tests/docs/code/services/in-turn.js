/*
 * A service that exchanges codes and can hold refusals back. It gives each of them away once the call that it refused before
 * has got its answer, so every refusal arrives after the renewal that the one before has caused.
 */
'use strict'

const crypto = require('crypto')
const express = require('express')

/** Refused in turn. Of the ten requests that wx sends at once, the others are for the sign-in. */
const AT_ONCE = 8

const PRODUCTS = [
  { id: 1, name: 'Tea' },
  { id: 2, name: 'Cup' },
]

function createService() {
  const app = express()
  const sessions = new Set()
  const held = []
  let isInTurn = false
  let isAwaited = false
  const service = {
    app,
    signIns: 0,
    expire: () => sessions.clear(),
    /** Forgets the sessions, and refuses calls one after another from now on. */
    expireInTurn() {
      sessions.clear()
      isInTurn = true
    },
  }
  const giveOneAway = () => {
    const refuse = held.shift()
    isAwaited = Boolean(refuse)
    if (refuse) refuse()
  }

  app.post('/wx/onlogin', express.json(), ({ body }, response) => {
    if (!body.code) return response.status(400).json({ code: 'code_missing' })
    service.signIns++
    const sessionid = crypto.randomBytes(16).toString('hex')
    sessions.add(sessionid)
    response.json({ sessionid })
  })

  app.get('/guests', (request, response) => response.json({ session: request.header('sessionid') || null }))

  app.all('/wx/products/list', express.json(), (request, response) => {
    const { query, body } = request
    if (sessions.has(request.header('sessionid'))) {
      response.json({ products: PRODUCTS, query, body })
      return giveOneAway()
    }
    const refuse = () => response.status(401).json({ code: 'session_missing' })
    if (!isInTurn) return refuse()
    held.push(refuse)
    if (!isAwaited && held.length === AT_ONCE) giveOneAway()
  })

  return service
}

module.exports = { AT_ONCE, createService, PRODUCTS }
