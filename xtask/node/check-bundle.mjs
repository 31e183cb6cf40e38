// Checks that the bundle uses nothing that some WeChat engine lacks: `node check-bundle.mjs FILE`.
//
// Syntax newer than ES2017 does not parse. Globals must be on a list of those that every engine has, so that any new
// global is noticed. Methods newer than ES2017 are found by name.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'acorn'
import { isForBrowsers, OF_BROWSERS } from './browsers.mjs'

// `module`, `exports` and `require` come from the module wrapper.
const GLOBALS = new Set(
  `module exports require wx WXWebAssembly TTWebAssembly console setTimeout clearTimeout undefined NaN Infinity isNaN
  parseInt parseFloat Object Array String Number Boolean Symbol Math Date JSON RegExp Map Set WeakMap WeakSet Promise
  Reflect Error TypeError RangeError ArrayBuffer DataView Uint8Array Uint16Array Int32Array Uint32Array Float64Array
  encodeURI decodeURI encodeURIComponent decodeURIComponent escape unescape`.split(/\s+/),
)

const LATER_METHODS = new Set(
  `allSettled any at fromEntries flat flatMap matchAll replaceAll trimStart trimEnd hasOwn description findLast
  findLastIndex toSorted toReversed toSpliced with groupBy withResolvers isWellFormed toWellFormed`.split(/\s+/),
)

const file = process.argv[2]
const source = readFileSync(file, 'utf8')
if (isForBrowsers(basename(file, '.js'))) OF_BROWSERS.forEach((name) => GLOBALS.add(name))
const faults = []

let program
try {
  program = parse(source, {
    ecmaVersion: 2017,
    sourceType: 'script',
    locations: true,
    allowReturnOutsideFunction: true,
  })
} catch (error) {
  console.error(`${file}: syntax past ES2017: ${error.message}\n  ${excerpt(error.pos)}`)
  process.exit(1)
}

// esbuild never gives a local variable the name of a global that the bundle uses. A name with any declaration is
// therefore never a global.
const declared = new Set(['arguments'])
const used = new Map()
visit(program)
for (const [name, position] of used) {
  if (!declared.has(name) && !GLOBALS.has(name)) faults.push([`the global ${name}`, position])
}

for (const [what, position] of faults) console.error(`${file}: ${what}\n  ${excerpt(position)}`)
if (faults.length > 0) {
  console.error('Do without it, or add it to the list in check-bundle.mjs if every engine of WeChat has it.')
  process.exit(1)
}

function visit(node) {
  switch (node.type) {
    case 'Identifier':
      if (!used.has(node.name)) used.set(node.name, node.start)
      return
    case 'VariableDeclarator':
      declare(node.id)
      break
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.id) declare(node.id)
      node.params.forEach(declare)
      break
    case 'ClassDeclaration':
    case 'ClassExpression':
      if (node.id) declare(node.id)
      break
    case 'CatchClause':
      declare(node.param)
      break
    case 'MemberExpression':
      visit(node.object)
      if (node.computed) visit(node.property)
      else if (LATER_METHODS.has(node.property.name)) faults.push([`the method ${node.property.name}`, node.start])
      return
    case 'Property':
    case 'MethodDefinition':
      if (node.computed) visit(node.key)
      visit(node.value)
      return
    case 'LabeledStatement':
      visit(node.body)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
      return
  }
  for (const child of Object.values(node)) {
    if (Array.isArray(child)) child.forEach((item) => item && visit(item))
    else if (child && typeof child.type === 'string') visit(child)
  }
}

function declare(pattern) {
  switch (pattern.type) {
    case 'Identifier':
      declared.add(pattern.name)
      break
    case 'ObjectPattern':
      pattern.properties.forEach((property) => declare(property.value))
      break
    case 'ArrayPattern':
      pattern.elements.forEach((element) => element && declare(element))
      break
    case 'AssignmentPattern':
      declare(pattern.left)
      break
    case 'RestElement':
      declare(pattern.argument)
      break
  }
}

function excerpt(position) {
  return source.slice(Math.max(0, position - 40), position + 40)
}
