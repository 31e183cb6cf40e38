// Finds the property names in the bundle that only the bundle uses, so that they can be shortened.

import { readFileSync } from 'node:fs'
import { parse } from 'acorn'

// Names that others use: the host, the engine, the app through our declarations, servers' answers, the module, storage and
// Douyin's failures.
const DECLARATIONS = ['node_modules/miniprogram-api-typings/types/wx/lib.wx.api.d.ts', 'js/index.d.ts']
const ENGINE = [
  Array,
  ArrayBuffer,
  DataView,
  Date,
  Error,
  Function,
  JSON,
  Map,
  Math,
  Number,
  Object,
  Promise,
  RegExp,
  String,
  Symbol,
  Uint8Array,
  WebAssembly,
]
const WIRE = 'errNo exports expires_in id instance lifetime loginUrl received sessionid version'.split(' ')

/**
 * The names in a script that can be shortened everywhere.
 *
 * @param {string} script
 * @param {string[]} [declarations] Further files of declarations.
 * @param {string[]} [wire] Further names that a server uses.
 */
export function internalNames(script, declarations = [], wire = []) {
  const known = new Set([...WIRE, ...wire])
  for (const owner of /** @type {any[]} */ (ENGINE)) {
    for (const object of [owner, owner.prototype, Object.getPrototypeOf(owner.prototype || {})]) {
      Object.getOwnPropertyNames(object || {}).forEach((name) => known.add(name))
    }
  }
  for (const file of [...DECLARATIONS, ...declarations]) {
    // Words in comments are not names.
    const declarations = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
    for (const [name] of declarations.matchAll(/\b\w+\b/g)) known.add(name)
  }
  return namesIn(script).filter((name) => !known.has(name))
}

function namesIn(script) {
  const names = new Set()
  visit(parse(script, { ecmaVersion: 2018, sourceType: 'module' }))
  return Array.from(names)

  function visit(node) {
    if (Array.isArray(node)) node.forEach(visit)
    if (!node || typeof node.type !== 'string') return
    const name = node.type === 'MemberExpression' ? node.property : node.key
    if (name && name.type === 'Identifier' && !node.computed) names.add(name.name)
    Object.values(node).forEach(visit)
  }
}
