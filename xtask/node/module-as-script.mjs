// Writes the module that ships as a script: `node module-as-script.mjs IN.wasm OUT.mjs`.
//
// wasm2js translates the functions. Memory, data and copies are written here, because wasm2js has a decoder of base64 and
// views of memory that this module never uses, which take a fifteenth of the script.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WASM2JS = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm2js', import.meta.url))

/** The views of memory by the names that wasm2js gives them. Bytes and short numbers are loaded without a sign. */
const VIEWS = { HEAPU8: 'Uint8Array', HEAPU16: 'Uint16Array', HEAP32: 'Int32Array', HEAPU32: 'Uint32Array' }
Object.assign(VIEWS, { HEAPF32: 'Float32Array', HEAPF64: 'Float64Array' })

const [input, output] = process.argv.slice(2)
if (input) writeFileSync(output, script(execFileSync(process.execPath, [WASM2JS, input, '-Oz'], { encoding: 'utf8' })))

/** A module of JavaScript whose one function makes an instance and returns its exports. */
export function script(translated) {
  const [, size] = found(/ var buffer = new ArrayBuffer\((\d+)\);/, translated)
  const [, head, body] = found(
    /(\n var global\$[^]*?)(\n function [^]*?)\n bufferView = HEAPU8;[^]*\n function __wasm_memory_size/,
    translated,
  )
  const [, exported] = found(/\n return (\{[^}]*\});\n\}/, translated)
  const functions = withoutCopying(storingUnsigned(body)).replace(/\bMath_/g, 'Math.')
  const views = Object.entries(VIEWS).filter(([name]) => functions.includes(name) || name === 'HEAPU8')
  return `export function instance() {
var ${views.map(([name]) => name).join(', ')}
function see(buffer) {
 ${views.map(([name, type]) => `${name} = new ${type}(buffer)`).join('\n ')}
}
function __wasm_memory_grow(pages) {
 var smaller = HEAPU8
 see(new ArrayBuffer(smaller.length + pages * 65536))
 HEAPU8.set(smaller)
 return smaller.length / 65536
}
function wasm2js_trap() { throw Error('trap') }
${head}
${functions}
see(new ArrayBuffer(${size}))
${data(translated)}
return ${exported}
}
`
}

/** The sign is lost where bits are stored, and where all but one are masked out. So these need no views of their own. */
function storingUnsigned(functions) {
  const signed = /HEAP(8|16)\[(?:[^[\]]|\[[^[\]]*\])*\](?! = | & 1\b)/.exec(functions)
  if (signed) throw new Error(`the module loads with a sign, which no view has: ${signed[0]}`)
  return functions.replace(/HEAP(8|16)\[/g, 'HEAPU$1[')
}

/** WebAssembly 1.0 copies byte by byte. The one function that looks at the size of memory is the one that copies. */
function withoutCopying(functions) {
  const parts = functions.split(/\n(?= function )/)
  const copies = parts.filter((part) => part.includes('__wasm_memory_size'))
  if (copies.length !== 1 || !/^ function \$\d+\(\$0_1, \$1_1, \$2_1\)/.test(copies[0]))
    throw new Error('one function with a target, a source and a length was to copy memory')
  const [name] = copies[0].split('(')
  const copy = `${name}(to, from, length) {\n  HEAPU8.copyWithin(to, from, from + length);\n  return to;\n }`
  return parts.map((part) => (part === copies[0] ? copy : part)).join('\n')
}

function data(translated) {
  const segments = Array.from(translated.matchAll(/Uint8Array\(bufferView, (\d+), "([^"]*)"\)/g))
  const bytes = (text) => Array.from(Buffer.from(text, 'base64')).join()
  return segments.map(([, place, text]) => `HEAPU8.set([${bytes(text)}], ${place})`).join('\n')
}

function found(pattern, text) {
  const match = pattern.exec(text)
  if (!match) throw new Error(`wasm2js writes differently now: ${pattern} is nowhere`)
  return match
}
