// Writes the program. A folder that already holds something is left as it is.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindOf } from './kinds.mjs'
import { DEFAULTS, Wrong } from './wanted.mjs'

const TEMPLATES = fileURLToPath(new URL('templates', import.meta.url))
const PACKAGE = fileURLToPath(new URL('wxsession.tgz', import.meta.url))
const BACKEND = fileURLToPath(new URL('backend.mjs', import.meta.url))
/** npm leaves some dot files out of a package, so templates have them without the dot. */
const DOTTED = ['gitignore', 'npmrc', 'env']

/** @param {import('./asking.mjs').Complete} wanted @param {string} steps What is left to do, for whoever opens the folder later. */
export function write({ folder, kind, server, appid, language }, steps) {
  const target = resolve(folder)
  if (existsSync(target) && !statSync(target).isDirectory()) {
    const texts = { en: `${folder}: is a file. Name a new folder`, zh: `${folder}：这是一个文件。换一个新文件夹` }
    throw new Wrong(texts, language)
  }
  if (existsSync(target) && readdirSync(target).some((name) => name !== '.git')) {
    const texts = {
      en: `${folder}: is not empty. Name a new folder; to add wxsession to a program that you have, see the README`,
      zh: `${folder}：文件夹不是空的。换一个新文件夹；要加到已有的小程序里，请看 README`,
    }
    throw new Wrong(texts, language)
  }
  const { server: serverAt, appid: appidAt, named: namedAt } = kindOf(kind)
  mkdirSync(target, { recursive: true })
  cpSync(join(TEMPLATES, kind), target, { recursive: true })
  for (const name of DOTTED) {
    if (existsSync(join(target, name))) renameSync(join(target, name), join(target, `.${name}`))
  }
  mkdirSync(join(target, 'vendor'))
  cpSync(PACKAGE, join(target, 'vendor/wxsession.tgz'))
  replace(target, serverAt, server)
  replace(target, appidAt, appid)
  replace(target, namedAt, JSON.stringify(basename(target)).slice(1, -1))
  if (server === DEFAULTS.server) cpSync(BACKEND, join(target, 'backend.mjs'))
  writeFileSync(join(target, 'README.md'), `# ${basename(target)}\n\n\`\`\`text\n${steps}\n\`\`\`\n`)
  name(join(target, 'package.json'), basename(target))
}

/** @param {string} target @param {string[]} at A file, and the text to replace in it. @param {string} value */
function replace(target, [file, text], value) {
  const path = join(target, file)
  const before = readFileSync(path, 'utf8')
  if (!before.includes(text)) throw new Error(`${file} in the template has no ${text}`)
  writeFileSync(
    path,
    before.replace(text, () => value),
  )
}

/** Names the program in a way that npm takes. @param {string} path @param {string} folder */
function name(path, folder) {
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  manifest.name =
    folder
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'wxsession-program'
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
}
