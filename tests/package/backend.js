/*
 * The session part of an app's server: it signs in, refuses and signs out. Tests replace parts of it: `exchange`, `call`
 * and `logout` may each return a response, a promise of one, or nothing for the usual response.
 */
'use strict'

const { createProofs } = require('./proofs')

/**
 * @typedef {import('../../simulator/phone/backend').BackendRequest} Request
 * @typedef {import('../../simulator/phone/backend').BackendResponse} Response
 * @typedef {(request: Request) => Response | void | Promise<Response | void>} Twist
 *
 * @typedef {object} Backend
 * @property {Request[]} seen Everything that arrived.
 * @property {string[]} ids Every session id that was issued.
 * @property {any} expiresIn The lifetime that a sign-in names, in seconds; undefined for none.
 * @property {import('../../simulator/phone/socket-line').BackendSocket[]} sockets The sockets that were opened with a live session.
 * @property {ReturnType<typeof createProofs>} proofs The keys of the phones that ask for one at the sign-in.
 * @property {(request: Request) => string} idOf The session that a request carries.
 * @property {(request: Request) => Response | Promise<Response>} refusal The answer to a call without a live session.
 * @property {Twist} exchange
 * @property {Twist} call
 * @property {Twist} logout
 * @property {(request: Request) => Response | Promise<Response>} answer
 * @property {(path: string) => Request[]} at The requests to a path.
 * @property {() => number} exchanges
 * @property {(id: string) => boolean} isLive
 * @property {(id: string) => void} end Ends a session, as if it had expired.
 * @property {() => void} expire Lets every session expire.
 * @property {() => string} issue
 */

// Unique across all tests, so that no two tests share a secret.
let issued = 0

/** @param {() => number} [now] Milliseconds since 1970. */
function createBackend(now = Date.now) {
  const used = new Set()
  const live = new Set()

  /** @type {Backend} */
  const backend = {
    seen: [],
    ids: [],
    expiresIn: 604800,
    sockets: [],
    proofs: createProofs(now),
    idOf: ({ header }) => header.sessionid,
    refusal: () => problem(401, 'session_expired'),
    exchange() {},
    call() {},
    logout() {},

    answer(request) {
      backend.seen.push(request)
      const [twist, usual] = {
        '/wx/onlogin': [backend.exchange, signIn],
        '/wx/logout': [backend.logout, signOut],
      }[request.path] || [backend.call, business]
      return or(twist(request), () => usual(request))
    },

    at: (path) => backend.seen.filter((request) => request.path === path),
    exchanges: () => backend.at('/wx/onlogin').length,
    isLive: (id) => live.has(id),
    end: (id) => live.delete(id),
    expire: () => live.clear(),
    issue,
  }

  function issue() {
    const id = `secret-id-${++issued}-x`
    backend.ids.push(id)
    live.add(id)
    return id
  }

  function signIn(request) {
    const { body, method, query } = request
    const { code, proof } = method === 'GET' ? query : JSON.parse(body)
    if (!code || used.has(code)) return problem(401, 'code_invalid')
    used.add(code)
    const presented = backend.idOf(request)
    if (!backend.proofs.refusal(request, presented)) live.delete(presented)
    const sessionid = issue()
    const lifetime = backend.expiresIn === undefined ? {} : { expires_in: backend.expiresIn }
    const key = proof === 'hmac-sha256' ? backend.proofs.offer(sessionid) : {}
    return { data: Object.assign({ sessionid }, lifetime, key) }
  }

  function signOut(request) {
    return unproven(request) || (live.delete(backend.idOf(request)), { statusCode: 204 })
  }

  /** The refusal of a request whose session has a key, unless the request proves it. */
  function unproven(request) {
    const code = backend.proofs.refusal(request, backend.idOf(request))
    if (code) backend.proofs.refused.push(code)
    const now = backend.proofs.seconds()
    const late = { 'WWW-Authenticate': `WxSession error="proof_late", now=${now}` }
    return code && problem(403, code, code === 'proof_late' ? late : {})
  }

  function business(request) {
    const id = backend.idOf(request)
    const refused = unproven(request)
    if (refused) return refused
    if (!live.has(id)) return backend.refusal(request)
    if (request.upgrade)
      return {
        accept: (socket) => {
          backend.sockets.push(socket)
        },
      }
    return { data: { path: request.path, session: backend.ids.indexOf(id) + 1 } }
  }

  return backend
}

function or(twisted, usual) {
  if (twisted && typeof twisted.then === 'function') return twisted.then((response) => or(response, usual))
  return twisted || usual()
}

/**
 * A failure with the code in its body and, if it is about the session, in a header too.
 *
 * @param {number} statusCode
 * @param {string} code
 * @param {object} [header]
 * @returns {{statusCode: number, header: {[name: string]: string}, data: any}}
 */
function problem(statusCode, code, header) {
  const challenge = statusCode === 401 ? { 'WWW-Authenticate': `WxSession error="${code}"` } : {}
  return {
    statusCode,
    header: Object.assign({ 'Content-Type': 'application/problem+json' }, challenge, header),
    data: { type: 'about:blank', status: statusCode, code },
  }
}

module.exports = { createBackend, problem }
