/* What JavaScriptCore's shell can do: files, timers, no network, no Brotli, no clearTimeout. */
'use strict'

const { createMemoryNetwork } = require('../memory')

// How long a cancelled timer can keep the shell alive, which ends only when nothing is pending.
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

  /** The bytes of a module; of a `.wasm.br` those of the plain `.wasm` beside it, which the harness puts there. */
  readModule: (path) => readFile(path.replace(/\.br$/, ''), 'binary'),

  /** Ends the program; the shell can be told of failure only by an error that nobody catches. */
  exit(failed) {
    if (!failed) quit()
    timers.setTimeout(() => {
      throw new Error('failed')
    }, 0)
  },
}
