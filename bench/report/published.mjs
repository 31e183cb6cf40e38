// Reads a bench's figures, and makes pictures and tables of them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as client from './client.mjs'
import { draw } from './draw.mjs'
import * as server from './server.mjs'
import { WORDS } from './words.mjs'

export const SUBJECTS = { client, server }

/** The folder of the published figures. */
export const PUBLISHED = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {keyof typeof SUBJECTS} subject
 * @param {string} folder The folder of the figures.
 */
export async function report(subject, folder) {
  const figures = JSON.parse(readFileSync(join(folder, `${subject}.json`), 'utf8'))
  const { tables, pictures } = SUBJECTS[subject]
  const warning = figures.measured.isBusy ? 'Others kept the machine busy: every time is longer than it need be.\n' : ''
  /** @type {{[file: string]: string}} */
  const drawn = {}
  for (const [name, show] of Object.entries(pictures)) {
    for (const [ending, words] of Object.entries(WORDS)) {
      const { title, panels, footer = words.circumstances(figures.measured) } = show(figures, words[subject])
      drawn[`${name}${ending}.svg`] = await draw(title, panels, footer)
    }
  }
  return { pictures: drawn, text: `\n${WORDS[''].circumstances(figures.measured)}\n${warning}\n${tables(figures)}` }
}
