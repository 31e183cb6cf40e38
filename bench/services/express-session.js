/*
 * The same with express-session and connect-redis, as in their documentation:
 *   node express-session.js redis://127.0.0.1:6379
 */
'use strict'

const { RedisStore } = require('connect-redis')
const express = require('express')
const session = require('express-session')
const { createClient } = require('redis')
const { listen } = require('./listen')
const products = require('./products.json')

const SECONDS = 7200

async function main(url) {
  const redis = await createClient({ url })
    .on('error', (error) => console.error(error.message))
    .connect()
  const app = express()
  app.use(
    session({
      store: new RedisStore({ client: redis, prefix: 'express-session:' }),
      cookie: { maxAge: SECONDS * 1000 },
      resave: false,
      saveUninitialized: false,
      secret: 'a secret that signs cookies',
    }),
  )

  app.get('/wx/onlogin', (request, response) => {
    const openid = request.query.code
    if (!openid) return response.status(400).json({ error: 'code is missing' })
    request.session.openid = openid
    response.json({})
  })

  app.get('/wx/products/list', (request, response) => {
    if (!request.session.openid) return response.status(401).json({ error: 'log in first' })
    response.json(products)
  })

  listen(app)
}

main(process.argv[2])
