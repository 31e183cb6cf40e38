/*
 * The protocol of wafer-node-session: a sign-in by three headers, calls with two, and refusals that are a 200 with a
 * magic field. `guard` is its middleware.
 */
'use strict'

const crypto = require('crypto')

const MAGIC = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

function createGuard({ loginPath }) {
  const sessions = new Map()
  const guard = (request, response, next) => {
    const given = (name) => request.headers[`x-wx-${name}`]
    const isSignIn = request.path === loginPath
    if (given('id') && given('skey')) {
      if (sessions.get(given('id')) !== given('skey')) {
        return response.json({ [MAGIC]: 1, error: 'ERR_INVALID_SESSION', message: '会话已失效' })
      }
      return isSignIn ? response.json({ code: 0, message: '小程序会话已登录' }) : next()
    }
    if (!isSignIn) return next()
    if (!given('code') || !given('encrypted-data') || !given('iv')) throw new Error('a header is missing')
    guard.signIns++
    const [id, skey] = [32, 20].map((bytes) => crypto.randomBytes(bytes).toString('hex'))
    sessions.set(id, skey)
    response.json({ [MAGIC]: 1, session: { id, skey } })
  }
  return Object.assign(guard, { signIns: 0, expire: () => sessions.clear() })
}

/** What stands behind the guard: it takes whoever shows a session. */
function user(request, response) {
  if (!request.headers['x-wx-id']) return response.status(403).json({ nobody: true })
  response.json({ nickName: '微信用户' })
}

module.exports = { createGuard, user }
