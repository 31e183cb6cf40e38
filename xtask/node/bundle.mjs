// Bundles the shim: `node bundle.mjs GLUE.js OUT.js`.

import { resolve } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const [glue, output] = process.argv.slice(2)

await build({
  entryPoints: ['js/src/index.ts'],
  outfile: output,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2017',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
  // Plain assignments: a field that is defined costs more, in bytes and at each request.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  alias: { 'wxsession-glue': glue, 'wxsession-text': resolve('js/src/text.ts') },
})
asCommonJs(output)

/** What esbuild would write for CommonJS is longer than what it is for: two names. */
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
