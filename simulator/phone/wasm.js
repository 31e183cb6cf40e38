/* WXWebAssembly and TTWebAssembly, which only instantiate a module by its path in the code package. */
'use strict'

const { beside } = require('./modules')

/** @param {import('./wx').Parts} phone */
function createLoader({ app, Promise, root, platform, hooks, record, timers }) {
  const { loader } = app.host

  /**
   * @param {string} path
   * @param {object} [imports]
   * @returns {any}
   */
  function instantiate(path, imports) {
    record.counts.instantiations++
    /** @type {import('./wx').Instantiation} */
    const twist = hooks.instantiate({ number: record.counts.instantiations, path }) || {}
    return new Promise((resolve) => timers.setTimeout(resolve, twist.delay || 0)).then(() => {
      if ('fail' in twist) throw twist.fail
      return load(path, imports, twist)
    })
  }

  function load(path, imports, twist) {
    // The message of devices that do not accept a path, and the only one known for a wrong argument.
    if (typeof path !== 'string') throw new TypeError(`${loader}.instantiate(): Argument 0 must be a buffer source`)
    const bytes = read(path)
    return platform.WebAssembly.instantiate(bytes, imports || {}).then((/** @type {any} */ { instance, module }) =>
      twist.bare ? instance : { instance, module },
    )
  }

  function read(path) {
    const inside = beside('', app.host.fileOf(path))
    if (/^[a-z]+:/i.test(path) || /^\.\./.test(inside) || !/\.wasm(\.br)?$/.test(inside)) throw missing(loader, path)
    try {
      return platform.readModule(`${root}/${inside}`)
    } catch (unreadable) {
      throw missing(loader, path)
    }
  }

  return { instantiate }
}

function missing(loader, path) {
  return new Error(`${loader}.instantiate(): no .wasm or .wasm.br file ${path} found in the code package`)
}

module.exports = { createLoader }
