/* A compiler can read every code block of a document. */
'use strict'

const { execFileSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')
const acorn = require('acorn')
const { equal } = require('../../package/assert')
const { afterwards, group } = require('../../package/runner')
const { blocksOf, ROOT } = require('./page')

const test = group('every document')

const DOCUMENTS = ['AGENTS.md', 'README.md', 'pkg-template/README.md', 'simulator/README.md'].concat(
  fs
    .readdirSync(path.join(ROOT, 'js/docs'))
    .filter((name) => /\.md$/.test(name))
    .map((name) => `js/docs/${name}`),
)

/** Says what is wrong with JavaScript code, if anything. The code may be a module, or a part of an async function. */
function fault(source) {
  try {
    acorn.parse(source, {
      ecmaVersion: 2022,
      sourceType: 'module',
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
    })
    return undefined
  } catch (error) {
    return error.message
  }
}

test('has JavaScript that can be parsed', async () => {
  const pieces = DOCUMENTS.flatMap((file) => blocksOf(file, 'js').map((source) => ({ file, source })))
  const faults = pieces.map(({ file, source }) => ({ file, source, fault: fault(source) })).filter(({ fault }) => fault)
  equal([pieces.length > 40, faults], [true, []])
})

/** Compiles modules as an app's. Returns what the compiler complains of. */
function complaints(sources) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wxsession-guide-'))
  afterwards(() => fs.rmSync(folder, { recursive: true }))
  const configuration = {
    extends: path.join(ROOT, 'tests/types/tsconfig.json'),
    compilerOptions: {
      typeRoots: [path.join(ROOT, 'node_modules')],
      paths: { wxsession: [path.join(ROOT, 'js/index.d.ts')], 'wxsession/*': [path.join(ROOT, 'js/*.d.ts')] },
    },
    files: sources.map((_, number) => `${number}.ts`),
  }
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(configuration))
  sources.forEach((source, number) => fs.writeFileSync(path.join(folder, `${number}.ts`), source))
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc')
  try {
    execFileSync('node', [compiler, '--project', folder])
    return ''
  } catch (error) {
    return String(error.stdout)
  }
}

test('has TypeScript that compiles for an app', async () => {
  const [source] = blocksOf('js/docs/guide.md', 'ts')
  equal(complaints([source]), '')
})

test('has examples in the declarations that compile for an app', async () => {
  const declarations = fs.readFileSync(path.join(ROOT, 'js/index.d.ts'), 'utf8')
  const examples = Array.from(declarations.matchAll(/@example\n *\* ```ts\n([^]*?) *\* ```/g), ([, lines]) =>
    lines.replace(/^ *\* ?/gm, ''),
  )
  equal(examples.length > 10, true)
  const around = `import { createSession, SessionError, type Session, type SessionHost } from 'wxsession'
    declare const session: Session, filePath: string
    void [createSession, SessionError]
    `
  equal(complaints(examples.map((source) => (/^import/m.test(source) ? source : around + source))), '')
})
