// The passes of wasm-opt that make the module small and keep it WebAssembly 1.0.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WASM_OPT = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url))

// wasm-opt inlines every function that has one caller.
const SMALL = ['-Oz', '--converge', '--low-memory-unused']
// Rust's prebuilt standard library uses later features, which are lowered to instructions of WebAssembly 1.0.
const LOWER = [
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-mutable-globals',
  '--signext-lowering',
  '--llvm-nontrapping-fptoint-lowering',
  '--llvm-memory-copy-fill-lowering',
  // This section would let the next pass use those features again.
  '--strip-target-features',
]
// Similar functions have similar names and compress better next to each other.
const SIDE_BY_SIDE = ['--reorder-functions-by-name']
// Finds shorter ways through a function than the compiler's, which needs functions without nested expressions first.
const REROUTE = ['--flatten', '--rereloop', '-Oz']
const STRIP = ['--strip-debug', '--strip-producers']

/** Lowers a module to WebAssembly 1.0 in place, and keeps the names of its functions. */
export function lower(file) {
  optimize(file, '-g', ...SMALL, ...LOWER)
}

/** Makes a lowered module smaller in place, with instructions of WebAssembly 1.0 only. */
export function shrink(file) {
  optimize(file, '--mvp-features', ...REROUTE, ...SMALL, ...SIDE_BY_SIDE, ...STRIP)
}

/** Gives imports and exports short names in place, and returns the names. */
export function minifyNames(file) {
  return JSON.parse(optimize(file, '--mvp-features', '--minify-imports-and-exports-and-modules'))
}

function optimize(file, ...flags) {
  return execFileSync(process.execPath, [WASM_OPT, file, ...flags, '-o', file], { encoding: 'utf8' })
}
