// The passes of wasm-opt on small modules: `node --test xtask/node`.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import binaryen from 'binaryen'
import { lower, shrink } from './optimize.mjs'

// Two shifts, which sign extension replaces with one shorter instruction.
const SHIFTS = `(module (func (export "f") (param i32) (result i32)
  (i32.shr_s (i32.shl (local.get 0) (i32.const 24)) (i32.const 24))))`

test('sign extension that was lowered does not come back when the module is made smaller', () => {
  const text = optimized(SHIFTS, lower, shrink)
  assert.match(text, /i32\.shr_s/)
  assert.doesNotMatch(text, /i32\.extend8_s/)
})

test('what is lowered is sign extension that a compiler wrote, too', () => {
  const extension = '(module (func (export "f") (param i32) (result i32) (i32.extend8_s (local.get 0))))'
  const text = optimized(extension, lower, shrink)
  assert.match(text, /i32\.shr_s/)
  assert.doesNotMatch(text, /i32\.extend8_s/)
})

/** The text of a module after these passes. */
function optimized(source, ...passes) {
  const folder = mkdtempSync(join(tmpdir(), 'wxsession-optimize-'))
  try {
    const file = join(folder, 'module.wasm')
    const module = binaryen.parseText(source)
    module.setFeatures(binaryen.Features.All)
    writeFileSync(file, module.emitBinary())
    for (const pass of passes) pass(file)
    return binaryen.readBinary(readFileSync(file)).emitText()
  } finally {
    rmSync(folder, { recursive: true })
  }
}
