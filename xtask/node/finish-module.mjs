// Makes the module that ships: `node finish-module.mjs IN.wasm OUT.wasm OUT-names.json`.
//
// The input is wasm-bindgen's module. The output is a WebAssembly 1.0 module that imports nothing and exports functions of
// numbers, and the short names that these have now.

import { readFileSync, writeFileSync } from 'node:fs'
import binaryen from 'binaryen'
import { lower, minifyNames, shrink } from './optimize.mjs'

const [input, output, outputNames] = process.argv.slice(2)

// Functions that only a panic reaches. The module aborts on panic and nobody reads the message, so each becomes a trap.
const ONLY_ON_PANIC =
  /\bfmt::(Arguments|Formatter|builders|num|pointer_fmt|rt|write|Write|Debug|Display)\b|\bpanic(king|_\w+)\b|_fail\b|_error\b|::(expect|unwrap)_failed|do_count_chars|is_printable|grapheme_extend|capacity_overflow/
// Instructions replace the compiler's own functions for copying and filling memory, which take thousands of bytes. The
// lowering below turns the instructions into plain loops again.
const MEMORY = { memcpy: 'copy', memmove: 'copy', memset: 'fill' }

binaryen.setDebugInfo(true)
const module = binaryen.readBinary(readFileSync(input))
removeUnusedExports()
replaceBodies()
writeFileSync(output, module.emitBinary())
lower(output)
shrink(output)
const { imports, exports } = minifyNames(output)
if (imports.length > 0) {
  const names = imports.map(([, name]) => name).join(', ')
  throw new Error(`the module imports ${names}, and each import makes its start slower`)
}
writeFileSync(outputNames, JSON.stringify(Object.fromEntries(exports)))

/** Removes the exports that only wasm-bindgen's glue would use: the memory, globals and its own functions. */
function removeUnusedExports() {
  const exported = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  )
  for (const { kind, name } of exported) {
    if (kind !== binaryen.ExternalFunction || name.startsWith('__')) module.removeExport(name)
  }
}

function replaceBodies() {
  const functions = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  )
  onlyPanicsReach(functions.filter(({ name, base }) => !base && ONLY_ON_PANIC.test(name)))
  for (const { name, base, params, results } of functions) {
    if (base) continue
    const kind = MEMORY[name]
    if (!kind && !ONLY_ON_PANIC.test(name)) continue
    module.removeFunction(name)
    module.addFunction(name, params, results, [], kind ? inMemory(kind) : module.unreachable())
  }
}

/** Fails if a kept function calls one of these and continues afterwards, since such a call is not a panic. */
function onlyPanicsReach(functions) {
  if (functions.length === 0) throw new Error('no function of a panic was found: has the module lost its names?')
  const leaving = new Set(functions.map(({ name }) => name))
  const returning = new Set(
    functions.filter(({ body }) => binaryen.getExpressionType(body) !== binaryen.unreachable).map(({ name }) => name),
  )
  const bare = (name) => name.replace(/^"|"$/g, '')
  for (const part of module.emitText().split('\n (func $').slice(1)) {
    const caller = bare(/^("[^"]*"|\S+)/.exec(part)[0])
    if (leaving.has(caller)) continue
    for (const [, name] of part.matchAll(/\(call \$("[^"]*"|[^\s()]+)/g)) {
      const callee = bare(name)
      if (returning.has(callee))
        throw new Error(`${caller} calls ${callee}, which was to be left out as part of panics`)
    }
  }
}

function inMemory(kind) {
  const [target, source, length] = [0, 1, 2].map((index) => module.local.get(index, binaryen.i32))
  const body = module.memory[kind](target, source, length)
  return module.block(null, [body, module.local.get(0, binaryen.i32)], binaryen.i32)
}
