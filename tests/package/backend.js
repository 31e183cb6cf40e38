/*
 * The session part of an app's server: it signs in, refuses and signs out. Tests replace parts of it: `exchange`, `call`
 * and `logout` may each return a response, a promise of one, or nothing for the usual response.
 */
'use strict'

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

function createBackend() {
  const used = new Set()
  const live = new Set()

  /** @type {Backend} */
  const backend = {
    seen: [],
    ids: [],
    expiresIn: 604800,
    sockets: [],
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
    const code = method === 'GET' ? query.code : JSON.parse(body).code
    if (!code || used.has(code)) return problem(401, 'code_invalid')
    used.add(code)
    live.delete(backend.idOf(request))
    const sessionid = issue()
    return { data: backend.expiresIn === undefined ? { sessionid } : { sessionid, expires_in: backend.expiresIn } }
  }

  function signOut(request) {
    live.delete(backend.idOf(request))
    return { statusCode: 204 }
  }

  function business(request) {
    const id = backend.idOf(request)
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
