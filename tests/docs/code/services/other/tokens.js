/* The tokens of a server, and what it counts. Codes are good for one sign-in, as with WeChat. */
'use strict'

function createTokens() {
  const used = new Set()
  const live = new Set()
  let ended = 0
  return {
    /** Exchanges a code, or returns nothing if it is missing or used. */
    issue(code) {
      if (!code || used.has(code)) return undefined
      used.add(code)
      const token = `token-${used.size}-${'x'.repeat(24)}`
      live.add(token)
      return token
    },
    isLive: (token) => live.has(token),
    expire: () => live.clear(),
    end(token) {
      if (live.delete(token)) ended++
    },
    counts: () => ({ signIns: used.size, ended }),
  }
}

/** The token of `Authorization: Bearer …`. */
const bearerOf = (request) => (/^Bearer (.+)$/.exec(request.header('Authorization') || '') || [])[1]

module.exports = { bearerOf, createTokens }
