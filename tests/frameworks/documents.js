/* The parts of the examples that js/docs/frameworks.md shows, with the names of their files. */
'use strict'

const { readFileSync } = require('fs')
const { resolve } = require('path')

const PAGE = resolve(__dirname, '../../js/docs/frameworks.md')

/**
 * The code blocks of a section that begin with the name of a file.
 *
 * @param {string} title
 * @returns {Array<{file: string, lines: string[]}>}
 */
function shownIn(title) {
  const [, ...sections] = readFileSync(PAGE, 'utf8').split(/^## /m)
  const section = sections.find((text) => text.toLowerCase().startsWith(`${title}\n`))
  if (!section) throw new Error(`frameworks.md has no section ${title}`)
  const blocks = Array.from(section.matchAll(/^```tsx?\n\/\/ (\S+\.\w+)\n([^]*?)^```/gm))
  return blocks.map(([, file, code]) => ({
    file,
    lines: code
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  }))
}

module.exports = { shownIn }
