/* The real wafer-node-session from npm, with a stand-in for WeChat behind it. */
'use strict'

const crypto = require('crypto')
const path = require('path')
const session = require('wafer-node-session')

const APP = { appId: 'wx5e55105e55105e55', appSecret: 'secret' }
const KEY = crypto.createHash('md5').update('the key of a user').digest()
const IV = Buffer.alloc(16, 7)

/** The folder of the SDK for mini programs. */
const SDK = path.dirname(require.resolve('wafer-client-sdk'))

const used = new Set()

// The middleware calls WeChat through this function of the package `request`.
require('request').get = ({ url }, callback) => {
  const code = new URL(url).searchParams.get('js_code')
  const isNew = Boolean(code) && !used.has(code)
  used.add(code)
  const body = isNew
    ? { openid: 'openid', session_key: KEY.toString('base64') }
    : { errcode: 40163, errmsg: 'code been used' }
  setTimeout(() => callback(null, {}, body), 1)
}

/** The result of `wx.getUserInfo` since April 2021: it asks nobody and names nobody. */
function userInfo() {
  const cipher = crypto.createCipheriv('aes-128-cbc', KEY, IV)
  const data = JSON.stringify({ nickName: '微信用户', watermark: { appid: APP.appId, timestamp: 1 } })
  const encryptedData = cipher.update(data, 'utf8', 'base64') + cipher.final('base64')
  return { encryptedData, iv: IV.toString('base64'), userInfo: { nickName: '微信用户' } }
}

/** A store for express-session that counts its sessions. */
function createStore() {
  const store = new session.MemoryStore()
  const kept = new Set()
  const set = store.set.bind(store)
  store.set = (id, value, done) => {
    kept.add(id)
    set(id, value, done)
  }
  return Object.assign(store, { signIns: () => kept.size, expire: () => store.clear() })
}

/** The service behind the middleware. It accepts every request with a session. */
function user({ session }, response) {
  if (!session) return response.status(403).json({ nobody: true })
  response.json({ nickName: session.userInfo.nickName })
}

module.exports = { APP, SDK, createStore, session, user, userInfo }
