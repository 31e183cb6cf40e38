/* JavaScriptCore's shell as a platform: files and timers, but no network, no Brotli and no clearTimeout. */
'use strict'

const { createMemoryNetwork } = require('../memory')

// Milliseconds for which a cancelled timer can keep the shell alive, as the shell ends only when nothing is pending.
const LONGEST_NAP = 20

const timers = {
  setTimeout(callback, milliseconds) {
    const timer = { cancelled: false }
    const due = Date.now() + (milliseconds || 0)
    const wake = () => {
      if (timer.cancelled) return
      const left = due - Date.now()
      if (left > 0) nap(wake, Math.min(left, LONGEST_NAP))
      else callback()
    }
    nap(wake, Math.min(milliseconds || 0, LONGEST_NAP))
    return timer
  },
  clearTimeout(timer) {
    if (timer) timer.cancelled = true
  },
}

const nap = setTimeout
const memory = createMemoryNetwork(timers)

module.exports = {
  name: 'jsc',
  arguments: programArguments,
  timers,
  network: memory.network,
  serve: memory.serve,
  print,
  WebAssembly,
  readText: (path) => readFile(path),

  /** The bytes of a module. For a `.wasm.br` it reads the plain `.wasm` that the test driver puts beside it. */
  readModule: (path) => readFile(path.replace(/\.br$/, ''), 'binary'),

  /** Ends the program. Only an uncaught error makes the shell fail. */
  exit(failed) {
    if (!failed) quit()
    timers.setTimeout(() => {
      throw new Error('failed')
    }, 0)
  },
}
