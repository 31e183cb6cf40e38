// For `node --import keep-names.mjs xtask/node/finish-module.mjs …`: makes the same module with its functions' names.
//
// wasm-opt does the same work; only the names that it would strip at the end stay.

import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const { execFileSync } = childProcess

/** @type {any} */
const keepingNames = (node, [optimizer, ...flags], options) =>
  execFileSync(node, [optimizer, '-g', ...flags.filter((flag) => !flag.startsWith('--strip'))], options)
childProcess.execFileSync = keepingNames
syncBuiltinESMExports()
