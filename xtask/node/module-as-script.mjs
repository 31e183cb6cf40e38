// Writes the module that ships as a script: `node module-as-script.mjs IN.wasm OUT.mjs`.
//
// wasm2js translates the functions. Memory and data are written here, because wasm2js has a decoder of base64 and views of
// memory that this module never uses, which take a fifteenth of the script.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WASM2JS = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm2js', import.meta.url))

/** The views of memory by the names that wasm2js gives them. */
const VIEWS = { HEAPU8: 'Uint8Array', HEAPU16: 'Uint16Array', HEAP32: 'Int32Array' }
Object.assign(VIEWS, { HEAPF32: 'Float32Array', HEAPF64: 'Float64Array' })
/** What stands between the brackets of a view. */
const INDEX = String.raw`\[(?:[^[\]]|\[[^[\]]*\])*\]`

const [input, output] = process.argv.slice(2)
if (input) writeFileSync(output, script(execFileSync(process.execPath, [WASM2JS, input, '-Oz'], { encoding: 'utf8' })))

/** A module of JavaScript whose one function makes an instance and returns its exports. */
export function script(translated) {
  const [, size] = found(/ var buffer = new ArrayBuffer\((\d+)\);/, translated)
  const [, stack, body] = found(/((?:\n var global\$.*)*)(\n function [^]*?)\n bufferView = HEAPU8;/, translated)
  const [, exported] = found(/\n return (\{[^}]*\});\n\}/, translated)
  const functions = inWholeFloats(inFewViews(body)).replace(/\bMath_/g, 'Math.')
  const views = Object.entries(VIEWS).filter(([name]) => functions.includes(name) || name === 'HEAP32')
  return `export function instance() {
var ${views.map(([name]) => name).join(', ')}
function see(buffer) {
 ${views.map(([name, type]) => `${name} = new ${type}(buffer)`).join('\n ')}
}
function __wasm_memory_grow(pages) {
 var smaller = HEAP32
 see(new ArrayBuffer(smaller.length * 4 + pages * 65536))
 HEAP32.set(smaller)
 return smaller.length / 16384
}
function wasm2js_trap() { throw Error('trap') }
${stack}
${functions}
see(new ArrayBuffer(${size}))
${data(translated, Number(size))}
return ${exported}
}
`
}

/** Reads each width by one view. The sign is lost where bits are stored and where all but one are masked out. */
function inFewViews(functions) {
  const signed = new RegExp(`HEAP(8|16)${INDEX}(?! = | & 1\\b)`).exec(functions)
  if (signed) throw new Error(`the module loads with a sign, which no view has: ${signed[0]}`)
  return functions
    .replace(/HEAP(8|16)\[/g, 'HEAPU$1[')
    .replace(new RegExp(`HEAPU32(${INDEX})`, 'g'), '(HEAP32$1 >>> 0)')
}

/** Compilers store a known float as a whole number of 64 bits, and wasm2js stores that as two of 32. */
function inWholeFloats(functions) {
  return functions.replace(
    /HEAP32\[(\d+)\] = (-?\d+);\s*HEAP32\[(\d+)\] = (-?\d+);/g,
    (both, place, low, next, high) => {
      const float = new Float64Array(new Int32Array([Number(low), Number(high)]).buffer)[0]
      const isFloat = place % 2 === 0 && Number(next) === Number(place) + 1 && Number.isInteger(float)
      return isFloat && !Object.is(float, -0) ? `HEAPF64[${place / 2}] = ${float};` : both
    },
  )
}

/** What the memory begins with. All of it is words, and there are few. */
function data(translated, size) {
  const memory = new Uint8Array(size)
  for (const [, place, text] of translated.matchAll(/Uint8Array\(bufferView, (\d+), "([^"]*)"\)/g))
    memory.set(Buffer.from(text, 'base64'), Number(place))
  const words = Array.from(new Int32Array(memory.buffer), (word, place) => word && `HEAP32[${place}] = ${word}`)
  return words.filter(Boolean).join('\n')
}

function found(pattern, text) {
  const match = pattern.exec(text)
  if (!match) throw new Error(`wasm2js writes differently now: ${pattern} is nowhere`)
  return match
}
