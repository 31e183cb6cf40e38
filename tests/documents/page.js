/* The code of a document, by the name that its first line gives it: `// session.js`, `// request.js, before`. */
'use strict'

const fs = require('fs')
const path = require('path')

const FOLDER = path.join(__dirname, '../../js/docs')

/**
 * @param {string} name Of the document, without its ending.
 * @returns {{ files: Map<string, string>, named(name: string): string, unnamed: string[] }} `files` are those of the
 *   mini program; `unnamed` are the blocks without a name.
 */
function page(name) {
  const text = fs.readFileSync(path.join(FOLDER, `${name}.md`), 'utf8')
  const blocks = text.split('```js\n').slice(1).map((rest) => rest.split('\n```')[0])
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
    }
  }
}

module.exports = { page }
