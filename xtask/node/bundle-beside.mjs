// Bundles a script that lies beside the package's own and requires it: `node bundle-beside.mjs NAME OUT.js CORE.mjs`.
//
// CORE.mjs is the module as a script, for the one script that contains it.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { minify } from 'uglify-js'
import { isForBrowsers } from './browsers.mjs'
import { internalNames } from './internal-names.mjs'

// What servers name, and what old clients keep.
const WIRE =
  `ahead code detail encryptedData error iv kept message now proof rawData reason session signature skey title userInfo
  userinfo`.split(/\s+/)

const [name, output, core] = process.argv.slice(2)

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: [`js/beside/${name}.ts`],
  outfile: output,
  bundle: true,
  external: ['./index.js', './plain.js'],
  alias: { 'module-as-script': resolve(core) },
  minify: true,
  format: 'esm',
  target: 'es2017',
  // Chinese as it is: escapes weigh more, and WeChat's tools read UTF-8.
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
}
await build(options)
// A browser has more names than those that WeChat declares.
const internal = isForBrowsers(name) ? [] : internalNames(readFileSync(output, 'utf8'), [`js/${name}.d.ts`], WIRE)
if (internal.length > 0) await build({ ...options, mangleProps: new RegExp(`^(${internal.join('|')})$`) })
writeFileSync(output, smaller(asCommonJs(readFileSync(output, 'utf8'))))

/** What esbuild would write for CommonJS is longer than what it is for. */
function asCommonJs(text) {
  const [all, names] = /export\{([^}]*)\};?\s*$/.exec(text) || []
  if (!all) throw new Error('the bundle does not end with its exports: esbuild writes them differently now')
  const exported = names.split(',').map((name) => {
    const [inside, outside = inside] = name.split(' as ')
    return outside === 'default' ? `module.exports=${inside}` : `exports.${outside}=${inside}`
  })
  const required = text
    .slice(0, -all.length)
    .replace(
      /import\{([^}]*)\}from"\.\/index\.js";/g,
      (_, names) => `const{${names.replace(/ as /g, ':')}}=require("./index.js");`,
    )
    .replace(/import"(\.\/plain\.js)";/g, 'require("$1");')
  return `"use strict";${required}${exported.join(';')};\n`
}

/** What esbuild leaves, compressed, is a twentieth too large: it does not inline functions with one caller. */
function smaller(text) {
  const compress = { passes: 3, unsafe: true, pure_getters: true, keep_fargs: false, inline: 1 }
  const { code, error } = minify(text, { toplevel: true, compress })
  if (error) throw error
  // A method is shorter than a property that is a function.
  return `${code.replace(/([{,])(\w+):function\(/g, '$1$2(')}\n`
}
