/* What js/docs/frameworks.md shows of an example, with the names of the files that it is from. */
'use strict'

const { readFileSync } = require('fs')
const { resolve } = require('path')

const PAGE = resolve(__dirname, '../../js/docs/frameworks.md')

/**
 * The blocks of a section that begin with a file's name.
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
