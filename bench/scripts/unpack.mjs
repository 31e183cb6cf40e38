// Writes a file decompressed beside itself: `node bench/scripts/unpack.mjs NAME.br` writes NAME.

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

const [file] = process.argv.slice(2)
writeFileSync(file.replace(/\.br$/, ''), brotliDecompressSync(readFileSync(file)))
