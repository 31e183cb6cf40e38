/*
 * The package as those have it who install it: what npm, Node.js and TypeScript make of it, what is in it, and whether the
 * one that is committed is up to date:
 *   TARBALL=target/wxsession-….tgz node --test tests/published/published.test.mjs
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HERE = join(ROOT, 'tests/published')
const TARBALL = process.env.TARBALL ?? ''
const DOCUMENT = 'js/docs/package.md'

const scratch = mkdtempSync(join(tmpdir(), 'wxsession-published-'))
after(() => rmSync(scratch, { recursive: true }))

test('publint', () => {
  node(join(HERE, 'publint.mjs'), TARBALL)
})

test('are the types wrong', () => {
  const attw = join(HERE, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  node(attw, TARBALL, '--format', 'ascii', '--no-color', '--no-emoji')
})

test('the files that the document lists', () => {
  const [, listed] = /```text\n([^]*?)\n```/.exec(readFileSync(join(ROOT, DOCUMENT), 'utf8')) ?? []
  assert.ok(listed, `${DOCUMENT} has no block of text`)
  assert.deepEqual(listed.split('\n').sort(), Array.from(contents(TARBALL).keys()).sort())
})

test('the scripts beside the package’s own, as Node.js and TypeScript find them', () => {
  const program = mkdtempSync(join(scratch, 'program-'))
  mkdirSync(join(program, 'node_modules'))
  renameSync(unpacked(TARBALL), join(program, 'node_modules/wxsession'))
  symlinkSync(join(ROOT, 'node_modules/miniprogram-api-typings'), join(program, 'node_modules/miniprogram-api-typings'))
  const uses = {
    'wxsession/account': ['import { createAccount }', 'createAccount({} as any).get().then(({ guest }) => !guest)'],
    'wxsession/browser': [
      'import { browser, byRedirect }',
      'browser({ login: byRedirect((back, state) => back + state) }).request({})',
    ],
    'wxsession/plain': ['import { plain }', "plain('/wxsession.wasm.br', {})"],
    'wxsession/signed': ['import { signed }', "signed({} as any, '').request({})"],
    'wxsession/traced': ['import { traced }', 'traced({} as any, (line) => line.length)'],
    'wxsession/wafer': [
      'import { request, LoginError }',
      "request({ url: '', fail: (error: LoginError) => error.type })",
    ],
    'wxsession/wafer2': ['import { loginWithCode }', 'loginWithCode({ success: (user) => user.openId })'],
    'wxsession/weapp-session-client': ['import request =', "request({ url: '', headers: {} }).then(() => {})"],
  }
  for (const [name, [imported, use]] of Object.entries(uses)) {
    const from = /=$/.test(imported) ? `require('${name}')` : `from '${name}'`
    writeFileSync(join(program, `${name.replace('/', '-')}.ts`), `${imported} ${from}\n${use}\n`)
    const script = `globalThis.wx = {}; process.exit(Object.keys(require('${name}')).length > 0 ? 0 : 1)`
    execFileSync(process.execPath, ['--eval', script], { cwd: program, stdio: 'inherit' })
  }
  const sources = files(program).filter((file) => /wxsession-[\w-]+\.ts$/.test(file))
  for (const [module, resolution] of [
    ['commonjs', 'node10'],
    ['node16', 'node16'],
  ]) {
    const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2017', '--lib', 'es2017']
    const checks = ['--strict', '--noEmit', '--types', 'miniprogram-api-typings']
    const tsc = join(HERE, 'node_modules/typescript/lib/tsc.js')
    execFileSync(process.execPath, [tsc, ...options, ...checks, ...sources], { cwd: program, stdio: 'inherit' })
  }
})

test('the package’s own script requires none of those beside it', () => {
  const script = String(contents(TARBALL).get('miniprogram/index.js'))
  assert.doesNotMatch(script, /require\(|Signature/)
})

test('a program that requires wxsession/plain first runs in Node.js, as a set-up file of jest has it', () => {
  const program = mkdtempSync(join(scratch, 'plain-'))
  mkdirSync(join(program, 'node_modules'))
  renameSync(unpacked(TARBALL), join(program, 'node_modules/wxsession'))
  const script = `
    const kept = {}
    const requests = []
    globalThis.wx = {
      login: ({ success }) => success({ code: 'a code' }),
      request(options) {
        requests.push(options)
        const data = /onlogin/.test(options.url) ? { sessionid: 'an id', expires_in: 7200 } : {}
        options.success({ statusCode: 200, data, header: {} })
      },
      getStorageSync: (key) => kept[key] || '',
      setStorageSync: (key, value) => void (kept[key] = value),
      removeStorageSync: (key) => void delete kept[key],
    }
    require('wxsession/plain')
    const { createSession } = require('wxsession')
    const session = createSession({ loginUrl: 'https://api.example.com/wx/onlogin' })
    session.request({ url: '/me' }).then(() => console.log(requests.map(({ url, header }) => [url, header && header.sessionid])))`
  const told = execFileSync(process.execPath, ['--eval', script], { cwd: program, encoding: 'utf8' })
  assert.match(told, /\/wx\/onlogin[^]*\/me', 'an id'/)
})

test('unit tests in jest, which has no WXWebAssembly: with the set-up that the document names, and without', () => {
  const program = mkdtempSync(join(scratch, 'jest-'))
  mkdirSync(join(program, 'node_modules'))
  renameSync(unpacked(TARBALL), join(program, 'node_modules/wxsession'))
  const write = (/** @type {string} */ name, /** @type {string} */ text) => writeFileSync(join(program, name), text)
  write(
    'session.js',
    "module.exports = require('wxsession').createSession({ loginUrl: 'https://api.example.com/wx/onlogin' })",
  )
  write(
    'session.test.js',
    `const stored = {}
    let signIns = 0
    globalThis.wx = {
      getStorageSync: (name) => stored[name] || '',
      setStorageSync: (name, value) => { stored[name] = value },
      removeStorageSync: (name) => { delete stored[name] },
      login: ({ success }) => success({ code: 'code' }),
      request({ url, header, success }) {
        const isSignIn = url.endsWith('/wx/onlogin')
        signIns += isSignIn
        success({ statusCode: 200, header: {}, data: isSignIn ? { sessionid: 'one' } : header.sessionid })
      },
    }
    test('two calls share a sign-in', async () => {
      const session = require('./session')
      const calls = ['/orders', '/basket'].map((url) => session.request({ url }))
      const answers = await Promise.all(calls).catch(({ code }) => code)
      expect([process.env.EXPECTED, signIns]).toEqual(
        typeof answers === 'string' ? [answers, 0] : [answers.map(({ data }) => data).join(), 1],
      )
    })`,
  )
  for (const [setupFiles, expected] of [
    [['wxsession/plain'], 'one,one'],
    [[], 'unsupported'],
  ]) {
    write('jest.config.json', JSON.stringify({ setupFiles, watchman: false }))
    execFileSync(process.execPath, [join(HERE, 'node_modules/jest/bin/jest.js'), '--runInBand', '--silent'], {
      cwd: program,
      env: { ...process.env, EXPECTED: String(expected) },
      stdio: 'pipe',
    })
  }
})

test('the sums in the package', () => {
  const folder = unpacked(TARBALL)
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder })
})

for (const tarball of [TARBALL, join(dirname(TARBALL), `create-${basename(TARBALL)}`)]) {
  test(`the committed ${basename(tarball)}`, () => {
    const remedy = 'run `cargo xtask package` and commit dist/'
    const committed = join(ROOT, 'dist', basename(tarball))
    assert.ok(existsSync(committed), `there is no ${committed}: ${remedy}`)
    const [was, is] = [contents(committed), contents(tarball)]
    const names = new Set([...was.keys(), ...is.keys()])
    const stale = Array.from(names).filter((name) => !was.get(name)?.equals(is.get(name) ?? Buffer.of()))
    assert.deepEqual(stale, [], `in dist/ these files are not what the sources make: ${remedy}`)
  })
}

/** The files in a tarball, by their paths. */
function contents(tarball) {
  const folder = unpacked(tarball)
  return new Map(files(folder).map((file) => [relative(folder, file), readFileSync(file)]))
}

/** A tarball's files in a folder of their own, without the folder that npm puts them in. */
function unpacked(tarball) {
  const folder = mkdtempSync(join(scratch, 'unpacked-'))
  execFileSync('tar', ['--extract', '--gzip', '--strip-components=1', '--file', tarball, '--directory', folder])
  return folder
}

function files(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path) : [path]
  })
}

function node(...words) {
  execFileSync(process.execPath, words, { stdio: 'inherit' })
}
