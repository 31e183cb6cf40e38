/*
 * A browser's worker as a platform: real HTTP, sockets and served backends in memory, files of its own origin. Only in a
 * worker may a script wait for a file, as `require` does.
 */
'use strict'

const { createMemoryNetwork } = require('../memory')
const { send } = require('./browser-network')

const timers = {
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
}
const memory = createMemoryNetwork(timers)
/** The origins of served backends. A closed backend's origin does not fall back on the real network. */
const served = new Set()

/** What was answered, by type and path: every phone that starts reads its program again, and no file changes meanwhile. */
const answers = new Map()

function read(path, type) {
  const file = `${type} ${path}`
  if (!answers.has(file)) answers.set(file, ask(path, type))
  const { status, response } = answers.get(file)
  if (status !== 200) throw new Error(`${path} is answered with ${status}`)
  return response
}

function ask(path, type) {
  const asking = new XMLHttpRequest()
  asking.open('GET', path, false)
  asking.responseType = type
  asking.send()
  return asking
}

module.exports = {
  name: 'browser',
  arguments: new URLSearchParams(location.search).getAll('argument'),
  timers,
  network: {
    send: (request, on) => (served.has(new URL(request.url).origin) ? memory.network.send : send)(request, on),
    open: memory.network.open,
  },

  async serve(backend) {
    const server = await memory.serve(backend)
    served.add(server.url)
    return server
  },

  print: (text) => postMessage({ print: text }),
  WebAssembly,
  readText: (path) => read(path, 'text'),

  /** The bytes of a module. For a `.wasm.br` it reads the plain `.wasm` beside it, as a page cannot unpack Brotli. */
  readModule: (path) => read(path.replace(/\.br$/, ''), 'arraybuffer'),

  /** Ends the program. The page that started the worker ends the worker. */
  exit: (failed) => postMessage({ exit: failed ? 1 : 0 }),
}
