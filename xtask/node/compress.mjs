// Compresses a file for the download: `node compress.mjs IN OUT.br`.

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'

const [input, output] = process.argv.slice(2)
const bytes = readFileSync(input)
const params = {
  [constants.BROTLI_PARAM_QUALITY]: 11,
  [constants.BROTLI_PARAM_LGWIN]: 24,
  [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
}
writeFileSync(output, brotliCompressSync(bytes, { params }))
