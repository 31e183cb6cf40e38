// Bundles the shim: `node bundle.mjs NAMES.json OUT.js`.

import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import uglify from 'uglify-js'
import { internalNames } from './internal-names.mjs'

const [names, output] = process.argv.slice(2)

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['js/src/index.ts'],
  outfile: output,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2017',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
  // Fields become plain assignments, which take fewer bytes and less time at each request than definitions.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
}
await build(options)
const internal = internalNames(readFileSync(output, 'utf8'))
await build({
  ...options,
  mangleProps: new RegExp(`^(${internal.join('|')})$`),
  // `at` would look like the method of newer engines, which check-bundle.mjs refuses.
  mangleCache: { ...namesOfTheModule(), at: false },
})
asCommonJs(output)
makeSmaller(output)

/** The short names of the module's exports, by the names that js/src/module.ts has for them. */
function namesOfTheModule() {
  const exports = Object.entries(JSON.parse(readFileSync(names, 'utf8')))
  const short = Object.fromEntries(exports.map(([name, short]) => [`wasm_${name}`, short]))
  const missing = internal.filter((name) => name.startsWith('wasm_') && !short[name])
  if (missing.length > 0) throw new Error(`the script calls ${missing.join(', ')}, which the module does not export`)
  const unused = Object.keys(short).filter((name) => !internal.includes(name))
  if (unused.length > 0) throw new Error(`the module exports ${unused.join(', ')}, which the script does not call`)
  return short
}

/** Exports two names as CommonJS. esbuild's own code for CommonJS is longer than that. */
function asCommonJs(file) {
  const text = readFileSync(file, 'utf8')
  const [all, names] = /export\{([^}]*)\};?\s*$/.exec(text) || []
  if (!all) throw new Error('the bundle does not end with its exports: esbuild writes them differently now')
  const assignments = names.split(',').map((name) => {
    const [inside, outside = inside] = name.split(' as ')
    return `exports.${outside}=${inside}`
  })
  writeFileSync(file, `"use strict";${text.slice(0, -all.length)}${assignments.join(';')};\n`)
}

/** Does what esbuild leaves: merges functions that are used once, known values and branches that end alike. */
function makeSmaller(file) {
  const { code, error } = uglify.minify(readFileSync(file, 'utf8'), {
    toplevel: true,
    // A higher level of inlining makes the bundle shorter, but its compressed form longer.
    compress: { passes: 3, inline: 1 },
    output: { ascii_only: true },
  })
  if (error) throw error
  writeFileSync(file, `${code}\n`)
}
