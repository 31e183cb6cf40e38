// A plugin for markdown-it: what works on a forge works on the site too.

import { relative } from 'node:path'
import { FILES, placeOf, targetOf } from './pages.mjs'

const SOURCES = new Map(FILES.map((file) => [placeOf(file), file]))

/**
 * Makes links to pages links within the site, and pictures files of the site. A link to any other file of the project leads to the
 * repository; without one it becomes text.
 *
 * @param {any} markdown
 * @param {{ source: string, repository?: string }} site `source` is the folder of the pages.
 */
export function links(markdown, { source, repository }) {
  markdown.core.ruler.push('project-links', ({ tokens, env }) => {
    const file = SOURCES.get(relative(source, env.realPath ?? env.path))
    if (!file) throw new Error(`${env.path} is no page`)
    for (const token of tokens) {
      if (token.type === 'html_block') token.content = withPictures(file, token.content)
      if (token.children) token.children = withLinks(file, token.children, repository)
    }
  })
}

/** The tokens of one paragraph with links that work on the site. */
function withLinks(file, tokens, repository) {
  const kept = []
  let isText = false
  for (const token of tokens) {
    if (token.type === 'link_open') isText = !translate(file, token, repository)
    if (token.type === 'image') token.attrSet('src', pictureOf(file, token.attrGet('src')))
    if (token.type === 'html_inline') token.content = withPictures(file, token.content)
    if (!(isText && /^link_/.test(token.type))) kept.push(token)
  }
  return kept
}

/** Sets where a link leads. Returns false for a link that leads nowhere on the site. */
function translate(file, token, repository) {
  const target = targetOf(file, token.attrGet('href'))
  if (target && 'file' in target && !repository) return false
  if (target) token.attrSet('href', 'page' in target ? target.page : `${repository}/${target.file}`)
  return true
}

const withPictures = (file, html) => html.replace(/ src="([^"]+)"/g, (_, link) => ` src="${pictureOf(file, link)}"`)

/** Where the site has a picture of the project. */
function pictureOf(file, link) {
  const target = targetOf(file, link)
  return target && 'file' in target ? `/pictures/${target.file}` : link
}
