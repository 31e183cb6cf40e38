/* A server's answers to the libraries, which speak three protocols. */
'use strict'

/** Marks answers that wafer's server library gives itself. */
const MAGIC = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

/** A sign-in that every library understands: each reads its own part. */
function signedIn(id) {
  return {
    sessionid: id,
    expires_in: 604800,
    [MAGIC]: 1,
    session: { id, skey: id },
    code: 0,
    data: { skey: id, userinfo: {} },
  }
}

/** A refusal in the first wafer's protocol, with status 200. */
function refusedByWafer() {
  return { [MAGIC]: 1, error: 'ERR_INVALID_SESSION', message: 'expired' }
}

/**
 * Translates between wafer's protocols and a backend that speaks ours.
 * @param {(request: any) => any} answer
 */
function inEveryProtocol(answer) {
  return (request) => {
    const { header, path } = request
    const code = header['x-wx-code']
    const translated = Object.assign({}, request, {
      method: code ? 'GET' : request.method,
      query: code ? { code } : request.query,
      header: Object.assign({}, header, header['x-wx-skey'] && { sessionid: header['x-wx-skey'] }),
    })
    const response = answer(translated)
    if (path === '/wx/onlogin' && !response.statusCode) return { data: signedIn(response.data.sessionid) }
    if (header['x-wx-id'] && response.statusCode === 401) return { data: refusedByWafer() }
    return response
  }
}

module.exports = { inEveryProtocol, signedIn }
