/* Turns the options of wx.request into the URL, headers and bytes that leave the phone. */
'use strict'

const { headersOf, pathOf, problemOf, withoutFragment } = require('./address')
const { badMethod } = require('./failures')
const utf8 = require('./utf8')

/**
 * @param {any} options As given to wx.request.
 * @param {{appid: string, host: import('./hosts').Host, domains?: string[]}} app
 *   `domains`: the origins that the app may call, as configured in WeChat's console. Default: all.
 * @returns {import('./transfer').Sent}
 */
function outgoing(options, app) {
  const method = String(options.method || 'GET').toUpperCase()
  const header = typed(headersOf(options.header, app))
  const inQuery = method === 'GET' || method === 'HEAD'
  const data = options.data === undefined || options.data === null ? '' : options.data
  const bare = withoutFragment(String(options.url))
  const url = inQuery ? withQuery(bare, data) : bare
  const badly = app.host.methods.indexOf(method) < 0 ? badMethod(method) : undefined
  return {
    problem: problemOf(options.url, 'http', app.domains) || badly,
    url,
    path: pathOf(url),
    method,
    header,
    bytes: inQuery ? new Uint8Array(0) : bodyOf(data, header),
  }
}

function typed(header) {
  return typeOf(header) === undefined ? Object.assign(header, { 'content-type': 'application/json' }) : header
}

function typeOf(header) {
  return header[Object.keys(header).find((name) => name.toLowerCase() === 'content-type')]
}

function withQuery(url, data) {
  const query = typeof data === 'string' ? data : isBytes(data) ? '' : formOf(data)
  if (query === '') return url
  return url + (url.indexOf('?') < 0 ? '?' : '&') + query
}

function bodyOf(data, header) {
  if (typeof data === 'string') return utf8.encode(data)
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  const form = /^application\/x-www-form-urlencoded/i.test(typeOf(header))
  return utf8.encode(form ? formOf(data) : JSON.stringify(data))
}

function formOf(data) {
  return Object.keys(data)
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(data[name]))}`)
    .join('&')
}

/** A form value as text. */
function textOf(value) {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function isBytes(data) {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data)
}

module.exports = { outgoing, textOf }
