/* Serves the built site as a plain host of files does: node tests/site/server.js */
'use strict'

const fs = require('fs')
const http = require('http')
const { extname, join } = require('path')

const SITE = join(__dirname, '../../target/site')
const BASE = process.env.SITE_BASE || '/'

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The file at a path of the site, if there is one. */
function fileAt(pathname) {
  if (!pathname.startsWith(BASE)) return undefined
  const file = join(SITE, decodeURI(pathname.slice(BASE.length)).replace(/(^|\/)$/, '$1index.html'))
  return file.startsWith(SITE) && fs.existsSync(file) && fs.statSync(file).isFile() ? file : undefined
}

const server = http.createServer(({ url }, response) => {
  const { pathname } = new URL(url, 'http://127.0.0.1')
  const file = fileAt(pathname)
  response.writeHead(file ? 200 : 404, {
    'Content-Type': TYPES[extname(file || '.html')] || 'text/plain; charset=utf-8',
  })
  response.end(fs.readFileSync(file || join(SITE, '404.html')))
})

server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('net').AddressInfo} */ (server.address())
  console.log(`listening on http://127.0.0.1:${port}${BASE}`)
})
process.on('SIGTERM', () => process.exit())
