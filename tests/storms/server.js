/* The app's server, in the mood that a storm puts it in. */
'use strict'

const { createBackend, problem } = require('../package/backend')

const ISSUER = /onlogin$/

/** Answers that a server may give to anything, by name. */
const MOODS = {
  session_expired: () => problem(401, 'session_expired'),
  session_replaced: () => problem(401, 'session_replaced'),
  session_revoked: () => problem(401, 'session_revoked'),
  sign_in_needed: () => problem(401, 'sign_in_needed'),
  code_invalid: () => problem(401, 'code_invalid'),
  credentials_wrong: () => problem(401, 'credentials_wrong'),
  user_blocked: () => problem(403, 'user_blocked'),
  unnamed: () => ({ statusCode: 401 }),
  html: () => ({ statusCode: 401, header: { 'Content-Type': 'text/html' }, data: '<h1>401</h1>' }),
  portal: () => ({ header: { 'Content-Type': 'text/html' }, data: '<h1>Welcome to this network</h1>' }),
  'bad request': () => ({ statusCode: 400, data: { errcode: 40163 } }),
  broken: () => ({ statusCode: 500, data: 'oops' }),
  gateway: () => ({ statusCode: 504 }),
  busy: () => problem(503, 'server_busy', { 'Retry-After': '2' }),
  limited: () => problem(429, 'rate_limited', { 'Retry-After': '30' }),
  empty: () => ({ statusCode: 204 }),
  reset: () => ({ reset: true }),
  silent: () => ({ hang: true }),
  slow: () => ({ isSlow: true }),
  lost: () => ({ isLost: true }),
}

/**
 * @param {string} name The name under which calls carry the session.
 * @param {() => number} now The phone's clock. The server's is not set when the phone's is.
 */
function createServer(name, now) {
  let ahead = 0
  const backend = createBackend(() => now() + ahead)
  const waiting = { exchange: [], call: [], logout: [] }
  const reasons = new Map()

  backend.idOf = ({ body, form, header, query }) =>
    header[name.toLowerCase()] || query[name] || (form && form.fields[name]) || inBody(body, name)
  backend.refusal = (request) => problem(401, reasons.get(backend.idOf(request)) || 'session_expired')

  function answer(request) {
    const of = ISSUER.test(request.path) ? 'exchange' : /logout$/.test(request.path) ? 'logout' : 'call'
    const { isSlow, isLost, ...mood } = waiting[of].length > 0 ? MOODS[waiting[of].shift()]() : {}
    if (Object.keys(mood).length > 0) return mood
    const usual = backend.answer(request)
    return isLost ? { reset: true } : isSlow ? Object.assign(usual, { delay: 4000 }) : usual
  }

  return {
    answer,
    ids: backend.ids,
    /** Why requests were refused, but for clocks: no other reason is the phone's. */
    unproven: () => backend.proofs.refused.filter((code) => !/late|replayed/.test(code)),
    /** The phone's clock is set. */
    phoneJumps(milliseconds) {
      ahead -= milliseconds
    },
    /** The next answers to requests of a kind. */
    expect: (of, moods) => waiting[of].push(...moods),
    /** Ends all sessions, for a reason that later refusals name. */
    endAll(reason) {
      backend.ids.filter(backend.isLive).forEach((id) => reasons.set(id, reason))
      backend.expire()
      backend.sockets.splice(0).forEach((socket) => socket.close(4401, reason))
    },
    closeSockets: () => backend.sockets.splice(0).forEach((socket) => socket.close(1001)),
    recover() {
      for (const of of Object.keys(waiting)) waiting[of] = []
    },
  }
}

function inBody(body, name) {
  try {
    return JSON.parse(body)[name]
  } catch (notJson) {
    return undefined
  }
}

module.exports = { MOODS: Object.keys(MOODS), createServer }
