/* A backend function behind real HTTP. */
'use strict'

const http = require('http')
const { ask } = require('../backend')

/**
 * @param {import('../backend').Backend} backend
 * @returns {Promise<{url: string, close(): Promise<void>}>}
 */
function serve(backend) {
  const sockets = new Set()
  const server = http.createServer((incoming, outgoing) => {
    const pieces = []
    incoming.on('data', (piece) => pieces.push(piece))
    incoming.on('end', () => {
      const { method, url, headers } = /** @type {any} */ (incoming)
      const sent = { method, target: url, header: headers, bytes: new Uint8Array(Buffer.concat(pieces)) }
      ask(backend, sent, (wire) => setTimeout(() => play(wire, incoming, outgoing), wire.delay))
    })
  })
  // Idle connections must outlive a test: closing one under a request would look like a network failure.
  server.keepAliveTimeout = 60000
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  /** @returns {Promise<void>} */
  const close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('net').AddressInfo} */ (server.address())
      resolve({ url: `http://127.0.0.1:${port}`, close })
    })
  })
}

function play(wire, incoming, outgoing) {
  if (wire.hang) return
  if (wire.reset) return incoming.socket.destroy()
  outgoing.on('error', () => {})
  const whole = wire.chunks.length < 2
  const length = whole ? { 'Content-Length': wire.chunks.length ? wire.chunks[0].length : 0 } : {}
  const bodiless = incoming.method === 'HEAD' || wire.statusCode === 204 || wire.statusCode === 304
  outgoing.writeHead(wire.statusCode, Object.assign({}, bodiless ? {} : length, wire.header))
  const next = (index) => {
    if (index >= wire.chunks.length) return outgoing.end()
    // One turn apart, or the kernel joins them into one.
    outgoing.write(Buffer.from(wire.chunks[index]), () => setImmediate(next, index + 1))
  }
  next(0)
}

module.exports = { serve }
