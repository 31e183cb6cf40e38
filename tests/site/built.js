/* The files of the built site. */
'use strict'

const fs = require('fs')
const { join, relative, sep } = require('path')

const SITE = join(__dirname, '../../target/site')
const BASE = process.env.SITE_BASE || '/'

/** The pages, as paths from the site's folder. Sorted, so that every run has the same order. */
function pages() {
  const files = fs.readdirSync(SITE, { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile() && file.name.endsWith('.html'))
    .map(({ parentPath, name }) => relative(SITE, join(parentPath, name)).split(sep).join('/'))
    .filter((page) => !page.startsWith('demo/'))
    .sort()
}

const exists = (/** @type {string} */ file) => fs.existsSync(join(SITE, file))
const read = (/** @type {string} */ file) => fs.readFileSync(join(SITE, file), 'utf8')

module.exports = { BASE, exists, pages, read }
