/* Reads and compiles a module once for all phones, because on an old engine this takes longer than the test itself. */
'use strict'

const { platform } = require('../../simulator/phone')
const { isBoth, program } = require('./arguments')

const FOLDER = `${program.replace(/\/$/, '')}/miniprogram_npm/wxsession`

const bytes = new Map()
const compiled = new Map()

/** Caches what `make` returns for a key, or the exception that it throws. */
function once(known, key, make) {
  if (!known.has(key)) known.set(key, make())
  return known.get(key)
}

const readModule = (path) => once(bytes, path, () => platform.readModule(path))

/** What `wxsession/plain` exports. Each call of its `plain` makes an instance. */
function plainScript(ArrayBuffer) {
  const module = { exports: /** @type {any} */ ({}) }
  const code = new Function('require', 'exports', 'ArrayBuffer', platform.readText(`${FOLDER}/plain.js`))
  code(() => ({ createSession: {} }), module.exports, ArrayBuffer)
  return module.exports
}

/** The exports of a new instance of the script. It takes its memory from `Buffer`. */
function scriptInstance(Buffer) {
  return plainScript(Buffer || ArrayBuffer).plain().exports
}

/** A new instance of the module, in the engine's WebAssembly. */
async function instantiateModule(code, imports) {
  const module = await once(compiled, code, () => platform.WebAssembly.compile(code))
  return { module, instance: await platform.WebAssembly.instantiate(module, imports) }
}

/** Both at once. A call that they answer differently throws. */
function compared(module, script) {
  const exports = {}
  for (const name of Object.keys(module)) {
    exports[name] = (...given) => {
      const [right, other] = [outcome(module[name], given), outcome(script[name], given)]
      if (right.hasTrapped !== other.hasTrapped || !Object.is(right.value, other.value)) {
        throw new Error(`${name}(${given.join()}): ${shown(right)} of the module, ${shown(other)} of the script`)
      }
      if (right.hasTrapped) throw new Error('both have trapped')
      return right.value
    }
  }
  return exports
}

function outcome(call, given) {
  try {
    return { hasTrapped: false, value: call(...given) }
  } catch (error) {
    return { hasTrapped: true, value: undefined }
  }
}

const shown = ({ hasTrapped, value }) => (hasTrapped ? 'a trap' : String(value))

async function instantiate(code, imports) {
  const made = await instantiateModule(code, imports)
  return isBoth ? { module: {}, instance: { exports: compared(made.instance.exports, scriptInstance()) } } : made
}

module.exports = {
  compared,
  scriptInstance,
  /** The exports of a new instance of the module. */
  async moduleInstance() {
    const made = await instantiateModule(readModule(`${FOLDER}/wxsession.wasm.br`), {})
    return made.instance.exports
  },
  /** The names that the module's exports have in this build, by the names that they have in src/wasm/core.rs. */
  exportNames: () => JSON.parse(platform.readText(`${FOLDER}/wxsession-names.json`)),
  /** The part of a platform that loads modules. */
  modules: { readModule, WebAssembly: { instantiate } },
}
