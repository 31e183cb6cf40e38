// Makes the module that ships: `node finish-module.mjs IN.wasm IN-glue.js OUT.wasm OUT-glue.js`.
//
// In goes what wasm-bindgen left, with its names. Out come a module of the first WebAssembly version and a glue
// that speaks to it by the short names which it now has.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import binaryen from 'binaryen'

const [input, inputGlue, output, outputGlue] = process.argv.slice(2)

// What only a panic reaches. The module aborts on panic and nobody reads the message, so each becomes a trap.
const ONLY_ON_PANIC =
  /\bfmt::(Arguments|Formatter|builders|num|pointer_fmt|rt|write|Write|Debug|Display)\b|\bpanic(king|_\w+)\b|_fail\b|_error\b|::(expect|unwrap)_failed|do_count_chars|is_printable|grapheme_extend|capacity_overflow/
// The engine copies and fills memory in three instructions where the compiler's own functions take thousands of
// bytes; the lowering below turns them into plain loops again.
const MEMORY = { memcpy: 'copy', memmove: 'copy', memset: 'fill' }

const LOWER = [
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-mutable-globals',
  '--signext-lowering',
  '--llvm-nontrapping-fptoint-lowering',
  '--llvm-memory-copy-fill-lowering',
]
// A function that is called once stays one unless it is small: inlined, it compresses worse.
const SMALL = ['-Oz', '--converge', '--low-memory-unused', '--one-caller-inline-max-function-size=60']
// Functions that are alike have names that are alike, and compress better side by side.
const SIDE_BY_SIDE = ['--reorder-functions-by-name']
const STRIP = ['--strip-debug', '--strip-producers', '--strip-target-features']

// What goes from the glue that wasm-bindgen writes, and what comes in its place.
const CHANGES = [
  // A session lives as long as its program, so nothing is ever freed.
  /^ {4}__destroy_into_raw\(\) \{\n[^]*?^ {4}\}\n/m,
  /^ {4}free\(\) \{\n[^]*?^ {4}\}\n/m,
  /^ *CoreFinalization\.register\(.*\n/m,
  /^if \(Symbol\.dispose\).*\n/m,
  /^const CoreFinalization = [^]*?;\n/m,
  // No string is too long for the memory, so none has to be freed because the next could not be passed.
  [/^ {8}try \{\n([^]*?)^ {8}\} catch \(e\) \{\n[^]*?^ {8}\}\n/gm, '$1'],
  // The shim brings its own UTF-8, in both directions, which needs no second look at the memory.
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

const optimizer = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url))

binaryen.setDebugInfo(true)
const module = binaryen.readBinary(readFileSync(input))
removeGlobals()
// `CHANGES` has what called them.
for (const name of ['__wbg_core_free', '__wbindgen_free', '__wbindgen_realloc']) module.removeExport(name)
replaceBodies()
writeFileSync(output, module.emitBinary())
optimize('-g', ...SMALL, ...LOWER)
optimize(...SMALL, ...SIDE_BY_SIDE, ...STRIP)
const names = JSON.parse(optimize('--minify-imports-and-exports-and-modules'))
blankPanics()
writeFileSync(outputGlue, renamed(readFileSync(inputGlue, 'utf8'), names))

/** wasm-bindgen exports two globals that its glue never reads in a build that aborts on panic; iOS can export none. */
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

/** Fails if a function that is kept calls one of these and would go on afterwards: that is no panic. */
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

/** Runs wasm-opt on the output in place, and returns what it prints. */
function optimize(...flags) {
  return execFileSync(process.execPath, [optimizer, output, ...flags, '-o', output], { encoding: 'utf8' })
}

/** The glue with the short names, and an object of all that the module imports. */
function renamed(glue, { imports, exports }) {
  const short = new Map(exports)
  const body = withoutConversions(CHANGES.reduce(changed, glue)).replace(/\bwasm\.(\w+)/g, (_, name) => {
    if (!short.has(name)) throw new Error(`the glue reads wasm.${name}, which the module does not export`)
    return `wasm.${short.get(name)}`
  })
  const given = imports.map(([, name, to]) => `${to}: ${name}`).join(', ')
  return `import { decode, encode } from 'wxsession-utf8';\n${body}\nexport const imports = { a: { ${given} } };\n`
}

/** WebAssembly makes numbers of its arguments by itself. */
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

/** Blanks what panics would have said, and the source files that they would have named: nothing reads it now. */
function blankPanics() {
  const said =
    /[\w./+-]+\.rs|capacity overflow|RefCell already (mutably )?borrowed|Tried to shrink to a larger capacity/g
  const bytes = readFileSync(output)
  const [start, end] = dataSection(bytes)
  const data = bytes.toString('latin1', start, end)
  for (const { 0: text, index } of data.matchAll(said)) {
    bytes.fill(0, start + index, start + index + text.length)
  }
  writeFileSync(output, bytes)
}

function dataSection(bytes) {
  const DATA = 11
  let at = 8
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const section = bytes[at++]
    const length = number()
    if (section === DATA) return [at, at + length]
    at += length
  }
  throw new Error('the module has no data')
}
