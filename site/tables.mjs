// Plugins for markdown-it, for tables.

/** A table's empty heading is no heading, so a screen reader does not announce one. @param {any} markdown */
export function emptyHeadings(markdown) {
  markdown.core.ruler.push('empty-headings', ({ tokens }) => {
    tokens.forEach((token, place) => {
      if (token.type !== 'th_open' || tokens[place + 1].content !== '') return
      token.tag = 'td'
      tokens[place + 2].tag = 'td'
    })
  })
}

/** A phone shows the rows of these tables below each other, which would take the roles away from the elements. */
const ROLES = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' }

/** Marks tables of words, and tells each of their cells its heading. Tables of numbers, which are compared, stay tables. */
export function headedCells(/** @type {any} */ markdown) {
  // VitePress's own rule forgets what a table has been given.
  markdown.renderer.rules.table_open = (tokens, place, options, _, renderer) => {
    tokens[place].attrSet('tabindex', '0')
    return renderer.renderToken(tokens, place, options)
  }
  markdown.core.ruler.after('empty-headings', 'headed-cells', ({ tokens }) => {
    tokens.forEach((token, place) => {
      if (token.type !== 'table_open') return
      const end = tokens.findIndex(({ type }, at) => at > place && type === 'table_close')
      const table = tokens.slice(place, end)
      if (!table.some(({ type, attrs }) => type === 'th_open' && /right/.test(String(attrs)))) mark(table)
    })
  })
}

/** @param {any[]} table Its tokens. */
function mark(table) {
  table[0].attrJoin('class', 'of-words')
  const headings = []
  let column = 0
  table.forEach((token, place) => {
    const role = token.nesting === 1 && ROLES[token.tag]
    if (role) token.attrSet('role', role)
    if (token.type === 'tr_open') column = 0
    for (const part of token.children || []) if (isLong(part)) part.attrJoin('class', 'long')
    if (token.type === 'th_open') headings.push(textOf(table[place + 1]))
    if (token.type !== 'td_open') return
    const heading = headings[column++]
    if (heading && column > 1) token.attrSet('data-heading', heading)
  })
}

/** Code of more characters may be broken, such as a path or a URL. Shorter code, such as a name, stays in one piece. */
const ONE_PIECE = 20
const isLong = ({ type, content }) => type === 'code_inline' && content.length > ONE_PIECE

/** What a heading says, without its marks. */
const textOf = ({ children }) => children.map(({ content }) => content).join('')
