/*
 * The service that weRequest 1.x expects: `GET /user/login?js_code=` returns the session, calls carry the session in their
 * data, and every answer is a 200 whose body has the result.
 */
'use strict'

const crypto = require('crypto')
const express = require('express')

function createService() {
  const sessions = new Set()
  const service = { app: express(), signIns: 0, expire: () => sessions.clear() }

  service.app.get('/user/login', ({ query }, response) => {
    if (!query.js_code) return response.json({ errcode: 1, msg: 'no code' })
    service.signIns++
    const session = crypto.randomBytes(16).toString('hex')
    sessions.add(session)
    response.json({ errcode: 0, session })
  })

  service.app.all('/order/detail', express.json(), ({ query, body }, response) => {
    const { session, id, version } = Object.assign({}, query, body)
    if (!sessions.has(session)) return response.json({ errcode: -1, msg: 'log in first' })
    if (id === 'none') return response.json({ errcode: 404, msg: '没有这个订单' })
    response.json({ errcode: 0, data: { id, version } })
  })

  return service
}

module.exports = { createService }
