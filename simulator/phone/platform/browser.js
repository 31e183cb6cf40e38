/*
 * What a browser's worker can do: real HTTP, sockets and served backends in memory, files of its own origin. It has to
 * be a worker: only there may a script wait for a file, as `require` does.
 */
'use strict'

const { createMemoryNetwork } = require('../memory')
const { send } = require('./browser-network')

const timers = {
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
}
const memory = createMemoryNetwork(timers)
/** Where backends were served: what no longer listens there is not the network's either. */
const served = new Set()

function read(path, type) {
  const asking = new XMLHttpRequest()
  asking.open('GET', path, false)
  asking.responseType = type
  asking.send()
  if (asking.status !== 200) throw new Error(`${path} is answered with ${asking.status}`)
  return asking.response
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

  /** The bytes of a module; of a `.wasm.br` those of the plain `.wasm` beside it: a browser unpacks only what comes packed. */
  readModule: (path) => read(path.replace(/\.br$/, ''), 'arraybuffer'),

  /** Ends the program; whoever started the worker ends that. */
  exit: (failed) => postMessage({ exit: failed ? 1 : 0 }),
}
