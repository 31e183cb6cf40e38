/* The simulated phone draws nothing, so this checks that whatever the markup of a page binds exists. */
'use strict'

const fs = require('fs')
const { equal, ok } = require('../package/assert')

/** Names that `wx:for` provides. */
const OF_A_LIST = ['item', 'index']

/** Checks that an open page has the handlers and the data that the markup names. @param {string} file The markup. */
function bindsWhatIsThere(file, page) {
  const markup = fs.readFileSync(file, 'utf8')
  const handlers = all(markup, /\bbind\w+="(\w+)"/g)
  ok(handlers.length > 0, `${file} binds something`)
  equal(
    handlers.filter((name) => typeof page[name] !== 'function'),
    [],
    `methods that ${file} lacks`,
  )
  equal(
    namesIn(markup).filter((name) => !(name in page.data)),
    [],
    `data that ${file} lacks`,
  )
}

/** The first name of each binding: `problem` in `{{problem.message}}`. */
function namesIn(markup) {
  const bindings = all(markup, /\{\{(.*?)\}\}/g).map((binding) => binding.replace(/'[^']*'/g, ''))
  const names = bindings.flatMap((binding) => all(binding, /(?<![\w.])([a-z]\w*)/gi))
  return names.filter((name) => !OF_A_LIST.includes(name))
}

/** The first group of each match. */
function all(text, expression) {
  return Array.from(text.matchAll(expression), ([, found]) => found)
}

module.exports = { bindsWhatIsThere }
