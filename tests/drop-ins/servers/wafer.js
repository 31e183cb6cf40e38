/* wafer's first protocol: the real wafer-node-session, and the real qcloud-weapp-server-sdk before a session server. */
'use strict'

const express = require('express')
const http = require('http')
const qcloud = require('qcloud-weapp-server-sdk')
const waferSession = require('wafer-node-session')
const { APP } = require('./wechat')

let exchange
// wafer-node-session calls WeChat through this function of the package `request`.
require('request').get = ({ url }, callback) => {
  const code = new URL(url).searchParams.get('js_code')
  setTimeout(() => callback(null, {}, exchange(code)), 1)
}

/** @returns {Service} wafer-node-session: a call without a session is let through. */
function nodeSession(wechat) {
  exchange = wechat.exchange
  const store = new waferSession.MemoryStore()
  const app = express()
  app.use(waferSession({ ...APP, loginPath: '/login', store }))
  app.all('/free', (request, response) => response.json({ isSignedIn: Boolean(request.session) }))
  app.all('/me', express.json(), ({ session, method, body, query, headers }, response) => {
    if (!session) return response.status(403).json({ nobody: true })
    response.json({ openId: session.userInfo.openId, method, body, query, mine: headers['x-mine'] })
  })
  return { app, expire: () => store.clear() }
}

/** @returns {Service} The SDK for servers: a call without a session is an error of its own. */
function serverSdk(wechat) {
  const sessions = new Map()
  const authority = http.createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const { interfaceName, para } = JSON.parse(text).interface
      const [returnCode, returnMessage, returnData] =
        interfaceName === 'qcloud.cam.auth' ? check(para) : signIn(para.code)
      response.setHeader('Content-Type', 'text/html; charset=UTF-8')
      response.end(JSON.stringify({ returnCode, returnMessage, returnData, version: 1, componentName: 'MA' }))
    })
  })
  const signIn = (code) => {
    const { openid } = wechat.exchange(code)
    if (!openid) return [40029, 'WEIXIN_CODE_ERR', '']
    sessions.set(openid, `skey-${code}`)
    return [
      0,
      'NEW_SESSION_SUCCESS',
      { id: openid, skey: `skey-${code}`, user_info: { openId: openid }, duration: 7200 },
    ]
  }
  const check = ({ id, skey }) =>
    sessions.get(id) === skey ? [0, 'AUTH_SUCCESS', { user_info: { openId: id } }] : [60012, 'AUTH_FAIL', '']

  const app = express()
  app.all('/login', (request, response) =>
    qcloud.LoginService.create(request, response)
      .login()
      .catch(() => {}),
  )
  app.all('/me', (request, response) =>
    qcloud.LoginService.create(request, response)
      .check()
      .then(({ userInfo }) => response.json({ openId: userInfo.openId }))
      .catch(() => {}),
  )
  return {
    app,
    expire: () => sessions.clear(),
    beside: {
      server: authority,
      listening: (url) =>
        qcloud.config({ ServerHost: 'localhost', AuthServerUrl: url, TunnelServerUrl: url, TunnelSignatureKey: 'key' }),
    },
  }
}

/**
 * @typedef {object} Service
 * @property {Function} app
 * @property {() => void} expire Ends every session.
 * @property {(() => void)[]} [slow] Answers the calls that wait at `/api/slow`.
 * @property {{server: http.Server, listening(url: string): void}} [beside] A server that it needs.
 */

module.exports = { nodeSession, serverSdk }
