/*
 * The protocol of weapp-session: a login code in a header is the session, and a 200 with a magic field refuses it. The
 * first call with a code also has the user's data and a signature, which only old programs send.
 */
'use strict'

const MAGIC = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

function createPackages() {
  const kept = new Map()
  const exchanged = []
  const store = {
    get: async (key) => kept.get(key),
    set: async (key, value) => {
      kept.set(key, value)
    },
  }
  const guard = async (request, response, next) => {
    const code = request.header('X-WX-Code')
    if (!code) return next()
    if (request.header('X-WX-RawData')) {
      await store.set(code, { openId: 'openid-of-an-old-program' })
    }
    request.$wxUserInfo = await store.get(code)
    if (request.$wxUserInfo) return next()
    response.json({ [MAGIC]: 1, reason: 'ERR_SESSION_EXPIRED', error: { message: 'not found' } })
  }
  return {
    exchanged,
    expire: () => kept.clear(),
    /** The stand-ins, by the names that a server requires. */
    byName: {
      'weapp-session': () => guard,
      'weapp-session/lib/makeStore': () => store,
      'weapp-session/lib/jscode2session': {
        async exchange(code) {
          if (!code || exchanged.includes(code)) throw new Error('jscode failed to exchange session_key')
          exchanged.push(code)
          return { openId: 'openid-of-a-user', sessionKey: 'key' }
        },
      },
    },
  }
}

module.exports = { createPackages }
