/*
 * A backend as one function from request to response, so that a test can run the same backend behind real HTTP (Node)
 * and in memory (jsc).
 */
'use strict'

const multipart = require('./multipart')
const utf8 = require('./utf8')

/**
 * @typedef {object} BackendRequest
 * @property {string} method
 * @property {string} target Path and query, as they arrived.
 * @property {string} path Without the query.
 * @property {{[name: string]: string}} query
 * @property {{[name: string]: string}} header Names in lower case.
 * @property {string} body As text.
 * @property {Uint8Array} bytes The body as received.
 * @property {ReturnType<typeof multipart.decode>} form Fields and files, if the body is multipart/form-data.
 * @property {boolean} upgrade A socket asks to open; a response with `accept` opens it.
 *
 * @typedef {object} BackendResponse
 * @property {number} [statusCode] Default 200.
 * @property {{[name: string]: string | string[]}} [header] Names are sent as they are written here.
 * @property {unknown} [data] Strings and bytes are sent as they are, anything else as JSON.
 * @property {Array<string | Uint8Array>} [chunks] The body in pieces, instead of `data`.
 * @property {number} [delay] Milliseconds before the answer.
 * @property {boolean} [reset] Reset the connection instead of answering.
 * @property {boolean} [hang] Never answer.
 * @property {(socket: import('./socket-line').BackendSocket) => void} [accept] Opens the socket, and gets the
 *   backend's end of it.
 *
 * @typedef {(request: BackendRequest) => BackendResponse | Promise<BackendResponse>} Backend
 *
 * @typedef {object} Wire A response in the form in which it is sent.
 * @property {number} statusCode
 * @property {{[name: string]: string | string[]}} header
 * @property {Uint8Array[]} chunks
 * @property {number} delay
 * @property {boolean} reset
 * @property {boolean} hang
 * @property {BackendResponse['accept']} accept
 */

/**
 * Asks a backend. `done` runs in the same turn if the backend answers at once.
 *
 * @param {Backend} backend
 * @param {{method: string, target: string, header: {[name: string]: string}, bytes: Uint8Array,
 *   upgrade?: boolean}} sent `target` is path and query.
 * @param {(wire: Wire) => void} done
 */
function ask(backend, sent, done) {
  const answered = (response) => done(wireOf(response || {}, sent.method))
  const threw = (thrown) => answered({ statusCode: 500, data: `the test's backend threw: ${thrown}` })
  let response
  try {
    response = backend(requestOf(sent))
  } catch (thrown) {
    return threw(thrown)
  }
  if (response && typeof response.then === 'function') response.then(answered, threw)
  else answered(response)
}

/** @returns {BackendRequest} */
function requestOf(/** @type {any} */ { method, target, header, bytes, upgrade }) {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const lower = {}
  for (const name of Object.keys(header)) lower[name.toLowerCase()] = header[name]
  const query = mark < 0 ? {} : queryOf(target.slice(mark + 1))
  const form = multipart.decode(lower['content-type'], bytes)
  return {
    method,
    target,
    path,
    query,
    header: lower,
    body: utf8.decode(bytes),
    bytes,
    form,
    upgrade: Boolean(upgrade),
  }
}

function queryOf(text) {
  const query = {}
  for (const pair of text.split('&')) {
    const [name, value] = pair.split(/=(.*)/)
    if (name) query[plain(name)] = plain(value || '')
  }
  return query
}

function plain(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch (malformed) {
    return text
  }
}

function wireOf(response, method) {
  const statusCode = response.statusCode || (response.accept ? 101 : 200)
  const bodiless = method === 'HEAD' || statusCode === 204 || statusCode === 304
  const { type, bytes } = bodyOf(response.data)
  const header = Object.assign({}, response.header)
  const named = Object.keys(header).some((name) => name.toLowerCase() === 'content-type')
  if (type && !named) header['Content-Type'] = type
  const chunks = response.chunks ? response.chunks.map((chunk) => bodyOf(chunk).bytes) : [bytes]
  return {
    statusCode,
    header,
    chunks: bodiless ? [] : chunks.filter((chunk) => chunk.length > 0),
    delay: response.delay || 0,
    reset: Boolean(response.reset),
    hang: Boolean(response.hang),
    accept: response.accept,
  }
}

function bodyOf(data) {
  if (data === undefined) return { type: '', bytes: new Uint8Array(0) }
  if (data instanceof Uint8Array) return { type: 'application/octet-stream', bytes: data }
  if (data instanceof ArrayBuffer) return { type: 'application/octet-stream', bytes: new Uint8Array(data) }
  if (typeof data === 'string') return { type: 'text/plain; charset=utf-8', bytes: utf8.encode(data) }
  return { type: 'application/json', bytes: utf8.encode(JSON.stringify(data)) }
}

module.exports = { ask }
