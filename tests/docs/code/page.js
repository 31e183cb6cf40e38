/* The code blocks of a document, by the names in their first lines: `// session.js`, `// request.js, before`. */
'use strict'

const fs = require('fs')
const path = require('path')

const ROOT = path.join(__dirname, '../../..')

/**
 * @param {string} name A document in js/docs, without extension, or the path of a document.
 * @returns {{ files: Map<string, string>, named(name: string): string, unnamed: string[] }} `files` are the mini
 *   program's; `unnamed` are the blocks without a name.
 */
function page(name) {
  const blocks = blocksOf(/\//.test(name) ? name : `js/docs/${name}.md`, 'js')
  const files = new Map()
  const unnamed = []
  for (const block of blocks) {
    const [, title] = /^\/\/ ([\w-]+\.js(?:, [\w ]+)?)\n/.exec(block) || []
    if (title) files.set(title, block)
    else unnamed.push(block)
  }
  return {
    files,
    unnamed,
    named(title) {
      if (!files.has(title)) throw new Error(`${name}.md has no ${title}, only ${[...files.keys()].join('; ')}`)
      return files.get(title)
    },
  }
}

/** The code blocks in one language of a document, given by its path in the project. A block in a list is indented. */
function blocksOf(file, language) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8')
  const blocks = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)\\n\\1\`\`\`$`, 'gm'))
  return Array.from(blocks, ([, indent, block]) => block.replace(new RegExp(`^${indent}`, 'gm'), ''))
}

module.exports = { blocksOf, page, ROOT }
