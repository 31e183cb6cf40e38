// For `node --import keep-names.mjs xtask/node/finish-module.mjs …`: the same module, with the names of its functions.
//
// What wasm-opt does is left as it is; only what it throws away at the end is kept.

import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const { execFileSync } = childProcess

/** @type {any} */
const keepingNames = (node, [optimizer, ...flags], options) =>
  execFileSync(node, [optimizer, '-g', ...flags.filter((flag) => !flag.startsWith('--strip'))], options)
childProcess.execFileSync = keepingNames
syncBuiltinESMExports()
