// Draws the picture of a bench's figures and prints their tables, in Markdown: `node bench/report/report.mjs client`.

import { writeFileSync } from 'node:fs'
import { fileOf, report, SUBJECTS } from './published.mjs'

const [subject] = process.argv.slice(2)
if (!(subject in SUBJECTS)) {
  console.error(`name the figures: ${Object.keys(SUBJECTS).join(' or ')}`)
  process.exit(2)
}
const named = /** @type {keyof typeof SUBJECTS} */ (subject)
const { picture, text } = await report(named)
writeFileSync(fileOf(named, 'svg'), picture)
console.log(text)
