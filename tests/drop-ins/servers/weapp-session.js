/*
 * A stand-in for weapp-session, with its quirks: the login code is the session, a user has one of them, and a code with
 * the user's data is exchanged at WeChat even if that was done before.
 */
'use strict'

const express = require('express')
const { sha1 } = require('./wechat')

const MARK = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

/** @returns {import('./wafer').Service & {store: Map<string, any>}} */
function weappSession(wechat) {
  const store = new Map()
  const guard = async (request, response, next) => {
    const header = (name) => request.header(name) || ''
    const [code, signature] = [header('X-WX-Code'), header('X-WX-Signature')]
    const fail = (reason, error) => response.json({ [MARK]: 1, reason, error })
    request.$wxUserInfo = null
    if (!code) return next()
    if (!header('X-WX-RawData')) {
      request.$wxUserInfo = store.get(code)
      if (request.$wxUserInfo) return next()
      return fail('ERR_SESSION_EXPIRED', { name: 'Error', message: '`wxUserInfo` not found by `code`' })
    }
    let user
    const rawData = (() => {
      try {
        const text = decodeURIComponent(header('X-WX-RawData'))
        user = JSON.parse(text)
        return text
      } catch (error) {
        fail(undefined, { name: error.name, message: error.message })
      }
    })()
    if (rawData === undefined) return
    const { openid, session_key: key, ...detail } = wechat.exchange(code)
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (!key) {
      const message = 'jscode failed to exchange session_key'
      return fail('ERR_SESSION_KEY_EXCHANGE_FAILED', { name: 'Error', message, detail })
    }
    if (sha1(rawData + key) !== signature) {
      return fail('ERR_UNTRUSTED_RAW_DATA', { name: 'Error', message: 'untrusted raw data' })
    }
    store.delete(store.get(openid))
    request.$wxUserInfo = { ...user, openId: openid }
    store.set(code, request.$wxUserInfo)
    store.set(openid, code)
    next()
  }
  const app = express()
  app.use('/api', guard)
  app.all('/api/text', (request, response) => response.type('text').send('text'))
  /** The calls to the slow endpoint that wait for their answers. */
  const slow = []
  app.all('/api/slow', (request, response) => slow.push(() => response.json({})))
  app.all('/api/broken', (request, response) => response.status(500).json({ broken: true }))
  app.all('/api/me', express.json(), ({ $wxUserInfo, method, body, query, headers }, response) =>
    response.json({ openId: Object($wxUserInfo).openId, method, body, query, mine: headers['x-mine'] }),
  )
  return { app, store, slow, expire: () => store.clear() }
}

module.exports = { weappSession }
