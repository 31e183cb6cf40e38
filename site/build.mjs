// Builds the documents as a website in target/site: `node build.mjs`, or `cargo xtask site`.
//
// SITE_BASE is the path of the site on its host, "/" by default. SITE_REPOSITORY is the address at which the repository shows
// a file, such as "https://forge.example/project/blob/main"; without it, links to files that are no pages become text.
// SITE_DEMO is set if the demonstration's page will be put at demo/.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vitepress'
import { ENGLISH_ALONE, FILES, placeOf, ROOT } from './pages.mjs'

/** Inside this folder, because the pages become modules that import its packages. */
const SOURCE = join(ROOT, 'site/.staged')
const SITE = join(ROOT, 'target/site')
/** Folders with pictures that pages show. */
const PICTURES = ['bench', 'demo/page']
/** What programs read: the list of all pages, which names the Markdown files. */
const INDEX = 'llms.txt'

stage()
await build(fileURLToPath(new URL('.', import.meta.url)))
complete()

/** Puts every page at its place in the site, and the pictures beside them. */
function stage() {
  rmSync(SOURCE, { recursive: true, force: true })
  for (const file of FILES) copy(file, join(SOURCE, placeOf(file)))
  for (const folder of PICTURES) {
    cpSync(join(ROOT, folder), join(SOURCE, 'public/pictures', folder), {
      recursive: true,
      filter: (path) => !/node_modules/.test(path) && (!/\.\w+$/.test(path) || /\.(svg|png)$/.test(path)),
    })
  }
}

/** Adds what only exists once the site is built. */
function complete() {
  const base = process.env.SITE_BASE || '/'
  for (const file of [...FILES, INDEX]) copy(file, join(SITE, file))
  // The menu of languages names these pages. Within the site the theme handles that; this is for everybody else.
  for (const file of ENGLISH_ALONE) {
    const page = join(SITE, 'zh-CN', placeOf(file).replace(/\.md$/, '.html'))
    mkdirSync(dirname(page), { recursive: true })
    writeFileSync(
      page,
      `<!doctype html><html lang="zh-CN"><title>wxsession</title><meta http-equiv="refresh" content="0; url=${base}zh-CN/"></html>\n`,
    )
  }
}

/** @param {string} file From the top folder. @param {string} to */
function copy(file, to) {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, readFileSync(join(ROOT, file)))
}
