// Draws pictures of a bench's figures and prints them as Markdown tables. Published figures go
// into the pages that repeat them, too: `node bench/report/report.mjs client [FOLDER]`.

import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pages } from './pages.mjs'
import { PUBLISHED, report, SUBJECTS } from './published.mjs'

const [subject, folder = PUBLISHED] = process.argv.slice(2)
if (!(subject in SUBJECTS)) {
  console.error(`name the figures: ${Object.keys(SUBJECTS).join(' or ')}`)
  process.exit(2)
}
const { pictures, text } = await report(/** @type {keyof typeof SUBJECTS} */ (subject), folder)
for (const [file, picture] of Object.entries(pictures)) writeFileSync(join(folder, file), picture)
if (resolve(folder) === resolve(PUBLISHED)) for (const { file, text } of pages()) writeFileSync(file, text)
console.log(text)
