// The passes of wasm-opt that make the module small, and hold it to the first version of WebAssembly.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WASM_OPT = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url))

// A function that is called once stays a function unless it is small: inlined, it compresses worse.
const SMALL = ['-Oz', '--converge', '--low-memory-unused', '--one-caller-inline-max-function-size=60']
// Rust's prebuilt standard library uses later features. They are read, and lowered to instructions of the first version.
const LOWER = [
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-mutable-globals',
  '--signext-lowering',
  '--llvm-nontrapping-fptoint-lowering',
  '--llvm-memory-copy-fill-lowering',
  // This list would let the next pass use those features again.
  '--strip-target-features',
]
// Functions that are alike have names that are alike, and compress better side by side.
const SIDE_BY_SIDE = ['--reorder-functions-by-name']
const STRIP = ['--strip-debug', '--strip-producers']

/** Lowers a module in place to the first version of WebAssembly, and keeps the names of its functions. */
export function lower(file) {
  optimize(file, '-g', ...SMALL, ...LOWER)
}

/** Makes a lowered module smaller in place, by instructions of the first version only. */
export function shrink(file) {
  optimize(file, '--mvp-features', ...SMALL, ...SIDE_BY_SIDE, ...STRIP)
}

/** Gives the imports and exports short names, in place, and returns which. */
export function minifyNames(file) {
  return JSON.parse(optimize(file, '--mvp-features', '--minify-imports-and-exports-and-modules'))
}

function optimize(file, ...flags) {
  return execFileSync(process.execPath, [WASM_OPT, file, ...flags, '-o', file], { encoding: 'utf8' })
}
