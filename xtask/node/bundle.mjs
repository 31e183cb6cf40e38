// Bundles the shim: `node bundle.mjs GLUE.js OUT.js`.

import { build } from 'esbuild'

const [glue, output] = process.argv.slice(2)

await build({
  entryPoints: ['js/src/index.ts'],
  outfile: output,
  bundle: true,
  minify: true,
  format: 'cjs',
  target: 'es2017',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
  // Plain assignments: a field that is defined costs more, in bytes and at each request.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  // The glue makes a TextEncoder and a TextDecoder when it is evaluated, and devices have neither.
  inject: ['js/src/text.ts'],
  alias: { 'wxsession-glue': glue },
  // Names that end in `_` are private to the shim.
  mangleProps: /[^_]_$/,
})
