/* What wx makes of the options of wx.request: the URL, headers and bytes that leave the phone. */
'use strict'

const { OUTSIDE_DOMAINS, badMethod, badParameter, badUrl } = require('./failures')
const utf8 = require('./utf8')

// There is no PATCH.
const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']
const URL_SHAPE = /^https?:\/\/[^\s/?#]+([/?#]|$)/i

/**
 * @param {any} options As given to wx.request.
 * @param {{appid: string, domains?: string[]}} app `domains`: the origins that the app may call, as configured
 *   in WeChat's console; all, where it is left out.
 * @returns {{problem?: {errMsg: string, errno?: number}, url: string, path: string, method: string,
 *   header: {[name: string]: string}, bytes: Uint8Array}}
 */
function outgoing(options, app) {
  const url = String(options.url)
  const method = String(options.method || 'GET').toUpperCase()
  const header = headersOf(options.header, app.appid)
  const inQuery = method === 'GET' || method === 'HEAD'
  const data = options.data === undefined || options.data === null ? '' : options.data
  const target = inQuery ? withQuery(url, data) : url.replace(/#.*/, '')
  return {
    problem: problemOf(options, url, method, app.domains),
    url: target,
    path: target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*/, '') || '/',
    method,
    header,
    bytes: inQuery ? new Uint8Array(0) : bodyOf(data, header)
  }
}

function problemOf(options, url, method, domains) {
  if (typeof options.url !== 'string') return badParameter('request', 'url', 'String', options.url)
  if (!URL_SHAPE.test(url)) return badUrl(url)
  if (METHODS.indexOf(method) < 0) return badMethod(method)
  const origin = /^[^/]*\/\/[^/?#]*/.exec(url)[0].toLowerCase()
  if (domains && domains.indexOf(origin) < 0) return OUTSIDE_DOMAINS
  return undefined
}

function headersOf(given, appid) {
  const header = {}
  let typed = false
  for (const name of Object.keys(given || {})) {
    const lower = name.toLowerCase()
    // wx sets Referer itself, and silently.
    if (lower === 'referer') continue
    typed = typed || lower === 'content-type'
    header[name] = String(given[name])
  }
  if (!typed) header['content-type'] = 'application/json'
  header.referer = `https://servicewechat.com/${appid}/devtools/page-frame.html`
  return header
}

function withQuery(url, data) {
  const bare = url.replace(/#.*/, '')
  const query = typeof data === 'string' ? data : isBytes(data) ? '' : formOf(data)
  if (query === '') return bare
  return bare + (bare.indexOf('?') < 0 ? '?' : '&') + query
}

function bodyOf(data, header) {
  if (typeof data === 'string') return utf8.encode(data)
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  const type = header[Object.keys(header).find((name) => name.toLowerCase() === 'content-type')]
  const form = /^application\/x-www-form-urlencoded/i.test(type)
  return utf8.encode(form ? formOf(data) : JSON.stringify(data))
}

function formOf(data) {
  const text = (value) => value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value)
  return Object.keys(data)
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(text(data[name]))}`)
    .join('&')
}

function isBytes(data) {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data)
}

module.exports = { outgoing }
