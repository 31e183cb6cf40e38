/*
 * uni-id-co as its documentation says that it answers by URL: a POST of `{clientInfo, uniIdToken, params}`, and every answer is
 * a 200 with `errCode`.
 */
'use strict'

const crypto = require('crypto')
const express = require('express')

const LIFETIME = 259200000

function createService() {
  const app = express()
  const tokens = new Set()
  const service = { app, signIns: 0, signOuts: 0, expire: () => tokens.clear() }

  app.use(express.json(), ({ method, body }, response, next) => {
    const isComplete = method === 'POST' && Object(body.clientInfo).appId && Object(body.clientInfo).uniPlatform
    if (!isComplete) return response.json({ errCode: 'uni-id-unsupported-request' })
    next()
  })
  app.post('/uni-id-co/loginByWeixin', ({ body }, response) => {
    if (!Object(body.params).code) return response.json({ errCode: 'uni-id-param-required' })
    service.signIns++
    const token = crypto.randomBytes(16).toString('hex')
    tokens.add(token)
    response.json({ errCode: 0, newToken: { token, tokenExpired: Date.now() + LIFETIME } })
  })
  app.use(({ body }, response, next) => {
    if (!body.uniIdToken) return response.json({ errCode: 'uni-id-check-token-failed' })
    if (!tokens.has(body.uniIdToken)) return response.json({ errCode: 'uni-id-token-expired' })
    next()
  })
  app.post('/uni-id-co/getAccountInfo', ({ body }, response) => response.json({ errCode: 0, params: body.params }))
  app.post('/uni-id-co/logout', ({ body }, response) => {
    tokens.delete(body.uniIdToken)
    service.signOuts++
    response.json({ errCode: 0 })
  })
  return service
}

module.exports = { createService }
