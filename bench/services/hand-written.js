/*
 * The service of the usual tutorial, with sessions in Redis for two hours:
 *   node hand-written.js redis://127.0.0.1:6379
 *
 * The exchange with WeChat is not measured: the code itself serves as the openid.
 */
'use strict'

const crypto = require('crypto')
const express = require('express')
const { createClient } = require('redis')
const { listen } = require('./listen')
const products = require('./products.json')

const SECONDS = 7200

async function main(url) {
  const redis = await createClient({ url })
    .on('error', (error) => console.error(error.message))
    .connect()
  const app = express()

  app.get('/wx/onlogin', async (request, response) => {
    const openid = request.query.code
    if (!openid) return response.status(400).json({ error: 'code is missing' })
    const sessionid = crypto.randomBytes(16).toString('hex')
    await redis.set(`session:${sessionid}`, JSON.stringify({ openid }), { EX: SECONDS })
    response.json({ sessionid })
  })

  app.get('/wx/products/list', async (request, response) => {
    const session = await redis.get(`session:${request.header('sessionid')}`)
    if (!session) return response.status(401).json({ error: 'log in first' })
    request.openid = JSON.parse(session).openid
    response.json(products)
  })

  listen(app)
}

main(process.argv[2])
