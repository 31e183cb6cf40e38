/* Node as a platform, from version 10 on: real HTTP, sockets in memory, files, Brotli. */
'use strict'

const fs = require('fs')
const zlib = require('zlib')
const { createMemoryNetwork } = require('../memory')
const { send } = require('./node-network')
const { serve } = require('./node-server')

const timers = { setTimeout, clearTimeout }
// Node has no WebSocket server, so sockets reach the served backends through memory.
const memory = createMemoryNetwork(timers)

module.exports = {
  name: 'node',
  arguments: process.argv.slice(2),
  timers,
  network: { send, open: memory.network.open },

  async serve(backend) {
    const { url, close } = await serve(backend)
    const closeSockets = memory.listen(url, backend)
    return {
      url,
      close() {
        closeSockets()
        return close()
      },
    }
  },

  print: (text) => process.stdout.write(`${text}\n`),
  WebAssembly,
  readText: (path) => fs.readFileSync(path, 'utf8'),

  /** The bytes of a module, unpacked. */
  readModule(path) {
    const bytes = fs.readFileSync(path)
    return /\.br$/.test(path) ? zlib.brotliDecompressSync(bytes) : bytes
  },

  /** Ends the program, whatever is still pending. */
  exit(failed) {
    process.exit(failed ? 1 : 0)
  },
}
