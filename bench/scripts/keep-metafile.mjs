// For `node --import keep-metafile.mjs xtask/node/bundle.mjs NAMES.json OUT.js`: makes the same bundle, and OUT.json with the
// bytes of each source in it.
//
// The other script imports this module instead of esbuild.

import { writeFileSync } from 'node:fs'
import { register } from 'node:module'
import * as esbuild from 'esbuild'

const here = JSON.stringify(import.meta.url)
const resolve = `(specifier, context, next) => specifier === 'esbuild' && context.parentURL !== ${here}
  ? next(${here}, context)
  : next(specifier, context)`
register(`data:text/javascript,${encodeURIComponent(`export const resolve = ${resolve}`)}`)

export async function build(options) {
  const result = await esbuild.build({ ...options, metafile: true })
  const [{ inputs }] = Object.values(result.metafile.outputs)
  const sources = Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  writeFileSync(options.outfile.replace(/js$/, 'json'), JSON.stringify(sources))
  return result
}
