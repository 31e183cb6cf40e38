/* What Node can do, version 10 included: real HTTP, files, Brotli. */
'use strict'

const fs = require('fs')
const zlib = require('zlib')
const { network } = require('./node-network')
const { serve } = require('./node-server')

module.exports = {
  name: 'node',
  arguments: process.argv.slice(2),
  timers: { setTimeout, clearTimeout },
  network,
  serve,
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
  }
}
