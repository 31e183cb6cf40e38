/* Reads and compiles a module once for all phones, because on an old engine this takes longer than the test itself. */
'use strict'

const { platform } = require('../../simulator/phone')

const bytes = new Map()
const compiled = new Map()

/** Caches what `make` returns for a key, or the exception that it throws. */
function once(known, key, make) {
  if (!known.has(key)) known.set(key, make())
  return known.get(key)
}

async function instantiate(code, imports) {
  const module = await once(compiled, code, () => platform.WebAssembly.compile(code))
  return { module, instance: await platform.WebAssembly.instantiate(module, imports) }
}

module.exports = {
  /** The part of a platform that loads modules. */
  modules: {
    readModule: (path) => once(bytes, path, () => platform.readModule(path)),
    WebAssembly: { instantiate },
  },
}
