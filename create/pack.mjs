/*
 * Makes the npm package `create-wxsession` from this folder and the examples:
 *   node create/pack.mjs --package pkg --tarball target/wxsession-….tgz --scratch target/create --out dist
 * `package` is the unpacked wxsession, which programs without a framework get as 构建 npm would copy it.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(HERE, '..')
/** What the example that opens in the developer tools shares with the plain program. */
const SHARED = ['app.wxss', 'messages.js', 'project.config.json', 'session.js', 'sitemap.json', '.gitignore']
/** npm takes these for its own. `create.mjs` puts the dot back. */
const DOTTED = ['.gitignore', '.npmrc', '.env']
/** What the examples have for the tests and readers of this project. */
const LEFT_OUT = ['README.md', 'README.zh-CN.md', 'package-lock.json', '.npmrc']

const option = /** @type {const} */ ({ type: 'string' })
const { values } = parseArgs({ options: { package: option, tarball: option, scratch: option, out: option } })
const { package: wxsession = '', tarball = '', scratch = '', out = '' } = values

rmSync(scratch, { recursive: true, force: true })
const templates = join(scratch, 'templates')
mkdirSync(templates, { recursive: true })
for (const file of readdirSync(HERE)) {
  if (file.endsWith('.mjs') && file !== 'pack.mjs') cpSync(join(HERE, file), join(scratch, file))
}
for (const file of ['README.md', 'README.zh-CN.md']) cpSync(join(HERE, file), join(scratch, file))
for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(ROOT, file), join(scratch, file))
cpSync(tarball, join(scratch, 'wxsession.tgz'))
const { version } = JSON.parse(readFileSync(join(wxsession, 'package.json'), 'utf8'))
rewrite(join(HERE, 'package.json'), join(scratch, 'package.json'), (manifest) => ({ ...manifest, version }))

cpSync(join(HERE, 'plain'), join(templates, 'plain'), { recursive: true })
for (const file of SHARED) cpSync(join(ROOT, 'examples/miniprogram', file), join(templates, 'plain', file))
const examples = {
  typescript: 'miniprogram-typescript',
  taro: 'taro',
  'uni-app': 'uni-app',
  'weapp-vite': 'weapp-vite',
}
for (const [kind, example] of Object.entries(examples)) {
  for (const file of committed(`examples/${example}`)) {
    if (!LEFT_OUT.includes(file)) cpSync(join(ROOT, 'examples', example, file), join(templates, kind, file))
  }
}
for (const kind of readdirSync(templates)) finish(join(templates, kind))
for (const kind of ['plain', 'typescript']) {
  cpSync(join(wxsession, 'miniprogram'), join(templates, kind, 'miniprogram_npm/wxsession'), { recursive: true })
  // The built package belongs to the program: whoever clones it later needs neither npm nor 构建 npm.
  writeFileSync(join(templates, kind, 'gitignore'), '/node_modules/\n/project.private.config.json\n')
}
execFileSync('npm', ['pack', '--silent', '--pack-destination', resolve(out)], { cwd: scratch })

/** @param {string} folder */
function committed(folder) {
  const listed = execFileSync('git', ['ls-files', '-z', '.'], { cwd: join(ROOT, folder), encoding: 'utf8' })
  return listed.split('\0').filter(Boolean)
}

/** Makes a program of its own from an example. @param {string} folder */
function finish(folder) {
  rewrite(join(folder, 'package.json'), join(folder, 'package.json'), (manifest) => {
    const { license, description, ...kept } = manifest
    return { ...kept, dependencies: { ...manifest.dependencies, wxsession: 'file:vendor/wxsession.tgz' } }
  })
  for (const file of DOTTED) {
    if (readdirSync(folder).includes(file)) renameSync(join(folder, file), join(folder, file.slice(1)))
  }
}

/** @param {string} from @param {string} to @param {(json: any) => object} change */
function rewrite(from, to, change) {
  writeFileSync(to, `${JSON.stringify(change(JSON.parse(readFileSync(from, 'utf8'))), null, 2)}\n`)
}
