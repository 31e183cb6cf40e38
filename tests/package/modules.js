/* A module is read and compiled once for all phones: on an old engine that takes longer than all the rest of a test. */
'use strict'

const { platform } = require('../../simulator/phone')

const bytes = new Map()
const compiled = new Map()

/** Remembers what `make` gave for a key; what it throws is thrown each time. */
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
