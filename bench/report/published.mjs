// The figures that stand in `bench/`, and what is made of them.

import { readFileSync } from 'node:fs'
import * as client from './client.mjs'
import { draw } from './draw.mjs'
import * as server from './server.mjs'

export const SUBJECTS = { client, server }

/** @param {keyof typeof SUBJECTS} subject @param {string} ending */
export const fileOf = (subject, ending) => new URL(`../${subject}.${ending}`, import.meta.url)

/** @param {keyof typeof SUBJECTS} subject */
export async function report(subject) {
  const figures = JSON.parse(readFileSync(fileOf(subject, 'json'), 'utf8'))
  const { day, machine, programs, isBusy } = figures.measured
  const circumstances = `Measured on ${day}: ${machine}; ${programs.join(', ')}`
  const warning = isBusy ? 'Others kept the machine busy: every time is longer than it need be.\n' : ''
  const { title, panels } = SUBJECTS[subject].picture(figures)
  return {
    picture: await draw(title, panels, circumstances),
    text: `\n${circumstances}\n${warning}\n${SUBJECTS[subject].tables(figures)}`,
  }
}
