// Reads a bench's figures, and makes a picture and tables of them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as client from './client.mjs'
import { draw } from './draw.mjs'
import * as server from './server.mjs'

export const SUBJECTS = { client, server }

/** The folder of the published figures. */
export const PUBLISHED = fileURLToPath(new URL('..', import.meta.url))

/** @param {keyof typeof SUBJECTS} subject @param {string} folder The folder of the figures. */
export async function report(subject, folder) {
  const figures = JSON.parse(readFileSync(join(folder, `${subject}.json`), 'utf8'))
  const { day, machine, programs, isBusy } = figures.measured
  const circumstances = `Measured on ${day}: ${machine}; ${programs.join(', ')}`
  const warning = isBusy ? 'Others kept the machine busy: every time is longer than it need be.\n' : ''
  const { title, panels } = SUBJECTS[subject].picture(figures)
  return {
    picture: await draw(title, panels, circumstances),
    text: `\n${circumstances}\n${warning}\n${SUBJECTS[subject].tables(figures)}`,
  }
}
