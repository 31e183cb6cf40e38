// The figures that pages of the documents repeat.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PUBLISHED } from './published.mjs'
import { fixed, table } from './table.mjs'
import { WORDS } from './words.mjs'

/** @typedef {import('./client.mjs').Figures} Figures */

/** The pages with the table, and what encloses it. */
const PAGES = { '': 'js/docs/comparison.md', '.zh-CN': 'js/docs/comparison.zh-CN.md' }

const [OPEN, CLOSE] = ['<!-- measured -->', '<!-- /measured -->']

const SCENES = ['cold', 'together', 'staggered']

/** Each page's path, with the text that the published figures make it. */
export function pages() {
  const figures = JSON.parse(readFileSync(join(PUBLISHED, 'client.json'), 'utf8'))
  return Object.entries(PAGES).map(([ending, page]) => {
    const file = fileURLToPath(new URL(`../../${page}`, import.meta.url))
    const [before, rest] = readFileSync(file, 'utf8').split(OPEN)
    const [, after] = rest.split(CLOSE)
    return { file, text: `${before}${OPEN}\n\n${comparison(figures, WORDS[ending].comparison)}\n\n${CLOSE}${after}` }
  })
}

/** @param {Figures} figures @param {string[]} columns */
function comparison({ libraries, cost, storms }, columns) {
  const [{ engine }] = cost
  const rows = libraries.map(({ library, version, brotli, setUp }) => [
    `${library} ${version ?? ''}`.trimEnd(),
    fixed(brotli),
    setUp ? fixed(setUp) : '',
    fixed(cost.find((each) => each.library === library && each.engine === engine)?.over?.median, 1),
    ...SCENES.map((scene) => fixed(storms.find((each) => each.library === library && each.scene === scene)?.logins)),
  ])
  return table('', columns, rows).split('\n').slice(2).join('\n').trimEnd()
}
