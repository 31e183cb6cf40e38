/* wafer's second protocol: the real wafer-node-sdk with a table in memory, and the routes of its quick start. */
'use strict'

const express = require('express')

const rows = []
// The SDK asks for its table through this function of knex.
stub('wafer-node-sdk/lib/mysql/index', () => query())
let exchange
// It calls WeChat through axios, of which it may have a version of its own.
const axios = require.resolve('axios', { paths: [require.resolve('wafer-node-sdk')] })
stub(axios, ({ params }) => Promise.resolve({ data: exchange(params.js_code) }))
const auth = require('wafer-node-sdk/lib/auth')
Object.assign(require('wafer-node-sdk/config'), { useQcloudLogin: false, appId: 'wx5e55105e55105e55', appSecret: 's' })

/** @returns {import('./wafer').Service} */
function nodeSdk(wechat) {
  exchange = wechat.exchange
  rows.length = 0
  const app = express()
  const wrapped = (work) => async (request, response) => {
    try {
      const { loginState, userinfo } = await work(request)
      response.json(loginState === 1 ? { code: 0, data: userinfo } : { code: -1, data: {} })
    } catch (error) {
      response.json({ code: -1, error: error.message })
    }
  }
  app.all(
    '/weapp/login',
    wrapped((request) => auth.authorization(request).then(flattened)),
  )
  app.all(
    '/weapp/user',
    wrapped((request) => auth.validation(request)),
  )
  app.all('/weapp/free', (request, response) => response.json({ code: 0, data: 'free' }))
  app.all('/weapp/guarded', (request, response) => {
    const row = rows.find(({ skey }) => skey === request.headers['x-wx-skey'])
    response.status(row ? 200 : 401).json(row ? { code: 0, data: row.open_id } : null)
  })
  return {
    app,
    expire() {
      for (const row of rows) row.last_visit_time = '2001-01-01 00:00:00'
      for (const row of rows) row.skey = 'another'
    },
  }
}

/** The quick start answers with what is inside. */
const flattened = ({ loginState, userinfo }) => ({ loginState, userinfo: { ...userinfo, time: 1 } })

/** As much of knex as the SDK uses. */
function query() {
  let found = () => rows
  let work = (matching) => matching
  const self = {
    count: () => set((matching) => [{ hasUser: matching.length }]),
    select: () => self,
    update: (changes) => set((matching) => matching.map((row) => Object.assign(row, changes))),
    insert: (row) => set(() => rows.push(row)),
    first: () => set((matching) => matching[0]),
    where(fields) {
      found = () => rows.filter((row) => Object.keys(fields).every((name) => row[name] === fields[name]))
      return self
    },
    then: (done, failed) =>
      Promise.resolve()
        .then(() => work(found()))
        .then(done, failed),
  }
  const set = (given) => {
    work = given
    return self
  }
  return self
}

function stub(name, exports) {
  const path = require.resolve(name)
  require.cache[path] = /** @type {any} */ ({ id: path, filename: path, loaded: true, exports })
}

module.exports = { nodeSdk }
