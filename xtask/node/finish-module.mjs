// Makes the module that ships: `node finish-module.mjs IN.wasm IN-glue.js OUT.wasm OUT-glue.js`.
//
// The input is wasm-bindgen's module and glue. The output is a WebAssembly 1.0 module with short import and export names,
// and glue that uses these names.

import { readFileSync, writeFileSync } from 'node:fs'
import binaryen from 'binaryen'
import { lower, minifyNames, shrink } from './optimize.mjs'

const [input, inputGlue, output, outputGlue] = process.argv.slice(2)

// Functions that only a panic reaches. The module aborts on panic and nobody reads the message, so each becomes a trap.
const ONLY_ON_PANIC =
  /\bfmt::(Arguments|Formatter|builders|num|pointer_fmt|rt|write|Write|Debug|Display)\b|\bpanic(king|_\w+)\b|_fail\b|_error\b|::(expect|unwrap)_failed|do_count_chars|is_printable|grapheme_extend|capacity_overflow/
// Instructions replace the compiler's own functions for copying and filling memory, which take thousands of bytes. The
// lowering below turns the instructions into plain loops again.
const MEMORY = { memcpy: 'copy', memmove: 'copy', memset: 'fill' }

// Parts of wasm-bindgen's glue, and their replacements.
const CHANGES = [
  // A session lives as long as the program, so nothing is ever freed.
  /^ {4}__destroy_into_raw\(\) \{\n[^]*?^ {4}\}\n/m,
  /^ {4}free\(\) \{\n[^]*?^ {4}\}\n/m,
  /^ *CoreFinalization\.register\(.*\n/m,
  /^if \(Symbol\.dispose\).*\n/m,
  /^const CoreFinalization = [^]*?;\n/m,
  // No string is too long for the memory, so passing a string never fails after an earlier one was passed.
  [/^ {8}try \{\n([^]*?)^ {8}\} catch \(e\) \{\n[^]*?^ {8}\}\n/gm, '$1'],
  // The shim has its own UTF-8 encoder and decoder, which need no second view of the memory.
  [/, wasm\.__wbindgen_realloc\b/g, ''],
  [
    /^function passStringToWasm0[^]*?^ {4}if [^]*?\n([^]*?)^ {4}\}\n[^]*?^\}\n/m,
    'function passStringToWasm0(arg, malloc) {\n$1}\n',
  ],
  [/\bcachedTextEncoder\.encode\(/, 'encode('],
  [/\breturn decodeText\(/, 'return decode('],
  /^let cachedTextDecoder = [^]*?^\}\n/m,
  /^const cachedTextEncoder = [^]*?^\}\n/m,
]

binaryen.setDebugInfo(true)
const module = binaryen.readBinary(readFileSync(input))
removeGlobals()
// `CHANGES` removes the calls to these.
for (const name of ['__wbg_core_free', '__wbindgen_free', '__wbindgen_realloc']) module.removeExport(name)
replaceBodies()
writeFileSync(output, module.emitBinary())
lower(output)
shrink(output)
const names = minifyNames(output)
writeFileSync(outputGlue, renamed(readFileSync(inputGlue, 'utf8'), names))

/** wasm-bindgen exports two globals that the glue never reads in a build that aborts on panic. iOS cannot export globals. */
function removeGlobals() {
  const exported = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  )
  for (const { kind, name } of exported) {
    if (kind === binaryen.ExternalGlobal) module.removeExport(name)
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

/** The glue with the short names, and one object with everything that the module imports. */
function renamed(glue, { imports, exports }) {
  const short = new Map(exports)
  const body = withoutConversions(CHANGES.reduce(changed, glue)).replace(/\bwasm\.(\w+)/g, (_, name) => {
    if (!short.has(name)) throw new Error(`the glue reads wasm.${name}, which the module does not export`)
    return `wasm.${short.get(name)}`
  })
  const given = imports.map(([, name, to]) => `${to}: ${name}`).join(', ')
  return `import { decode, encode } from 'wxsession-utf8';\n${body}\nexport const imports = { a: { ${given} } };\n`
}

/** Drops conversions of arguments to numbers, which WebAssembly does itself. */
function withoutConversions(glue) {
  return glue
    .split(/^(?= {4}\w+\()/m)
    .map((method) => {
      const conversions = Array.from(method.matchAll(/^ {8}const (val\d+) = \+(\w+);\n/gm))
      return conversions.reduce(
        (text, [line, value, argument]) => text.replace(line, '').replace(new RegExp(`\\b${value}\\b`, 'g'), argument),
        method,
      )
    })
    .join('')
}

function changed(glue, change) {
  const [part, instead] = Array.isArray(change) ? change : [change, '']
  const text = glue.replace(part, instead)
  if (text === glue) throw new Error(`the glue has no ${part} to change: wasm-bindgen writes it differently now`)
  return text
}
