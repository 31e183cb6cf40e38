/* Real HTTP from Node, as a network of the simulated wx. */
'use strict'

const http = require('http')
const https = require('https')

// Phones keep connections open too, and a burst of requests must not hit Node's own limits.
const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
}

const REASONS = { ECONNREFUSED: 'refused', ECONNRESET: 'reset', EPIPE: 'reset', ENOTFOUND: 'name not resolved' }

/** @type {import('../memory').Network['send']} */
function send({ url, method, header, bytes }, on) {
  let over = false
  const fail = (reason) => {
    if (!over) on.error(reason)
    over = true
  }
  let sending
  try {
    const { protocol, hostname, port, pathname, search } = new URL(url)
    const client = protocol === 'https:' ? https : http
    sending = client.request({
      method,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: pathname + search,
      headers: lengthened(header, method, bytes),
      agent: agents[protocol],
    })
  } catch (refused) {
    fail('failed')
    return { abort() {} }
  }
  sending.on('error', (error) => fail(REASONS[error.code] || 'failed'))
  sending.on('response', (response) => {
    if (over) return
    const { joined, cookies } = received(response)
    on.headers(response.statusCode, joined, cookies)
    response.on('data', (chunk) => {
      if (!over) on.chunk(new Uint8Array(chunk))
    })
    response.on('aborted', () => fail('reset'))
    response.on('error', () => fail('reset'))
    response.on('end', () => {
      if (!over && response.complete) {
        over = true
        on.end()
      }
    })
  })
  sending.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return {
    abort() {
      over = true
      sending.abort()
    },
  }
}

/** Adds the length: without it Node sends chunks, which small servers cannot read. */
function lengthened(header, method, bytes) {
  const bodiless = bytes.length === 0 && (method === 'GET' || method === 'HEAD')
  return bodiless ? header : Object.assign({}, header, { 'content-length': bytes.length })
}

/** Headers as wx shows them: names as sent, one string for each name, and the cookies in a list as well. */
function received({ rawHeaders }) {
  const joined = {}
  const names = {}
  const cookies = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const lower = rawHeaders[index].toLowerCase()
    const value = rawHeaders[index + 1]
    if (lower === 'set-cookie') cookies.push(value)
    if (lower in names) joined[names[lower]] += `,${value}`
    else joined[(names[lower] = rawHeaders[index])] = value
  }
  return { joined, cookies }
}

module.exports = { send }
