// A plugin for markdown-it: a table's empty heading is no heading, so a screen reader does not announce one.

/** @param {any} markdown */
export function emptyHeadings(markdown) {
  markdown.core.ruler.push('empty-headings', ({ tokens }) => {
    tokens.forEach((token, place) => {
      if (token.type !== 'th_open' || tokens[place + 1].content !== '') return
      token.tag = 'td'
      tokens[place + 2].tag = 'td'
    })
  })
}
