// The server that the tests of single calls use. It allows the page to call it, as js/docs/browser.md says.

import { once } from 'node:events'
import { api, PAGE } from './world.mjs'

/** What comes after these requests is up to the test. */
const held = new Map()

const { server, url } = api
server.on('request', async (request, response) => {
  response.setHeader('access-control-allow-origin', PAGE)
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-headers', 'content-type, sessionid, x-mine')
  response.setHeader('access-control-allow-methods', 'DELETE, PUT')
  response.setHeader('access-control-expose-headers', 'www-authenticate, x-theirs')
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://api')
  if (request.method === 'OPTIONS') response.writeHead(204).end()
  else if (pathname === '/echo') await echo(request, response)
  else if (pathname === '/body') answer(response, searchParams)
  else if (held.has(pathname)) held.get(pathname)(request, response)
  else response.writeHead(404).end('not found')
})

/** The server's origin. */
export const API = url
export { server }

/**
 * A path at which the test itself answers.
 *
 * @param {string} name
 * @param {import('node:http').RequestListener} listener
 */
export function path(name, listener) {
  held.set(`/${name}`, listener)
  return `${API}/${name}`
}

/** Answers with what has come. */
async function echo(request, response) {
  const parts = []
  for await (const part of request) parts.push(part)
  const { method, url, headers } = request
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, headers, bytes: Array.from(Buffer.concat(parts)) }))
}

/** Answers with the status, the type and the body that the query names. */
function answer(response, query) {
  const type = query.get('type')
  if (type) response.setHeader('content-type', type)
  response.setHeader('x-theirs', 'seen')
  response.setHeader('x-hidden', 'not seen')
  response.writeHead(Number(query.get('status') ?? 200))
  response.end(Buffer.from(query.get('body') ?? '', 'base64'))
}

/** The URL of such an answer. @param {string | Buffer} body @param {{status?: number, type?: string}} [more] */
export function bodyAt(body, more = {}) {
  const query = new URLSearchParams({ body: Buffer.from(body).toString('base64') })
  for (const [name, value] of Object.entries(more)) query.set(name, String(value))
  return `${API}/body?${query}`
}

/** Resolves once the other side has gone away. @param {import('node:http').ServerResponse} response */
export const gone = (response) => once(response, 'close')
