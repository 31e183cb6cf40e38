// Draws a picture of a bench's figures and prints them as Markdown tables: `node bench/report/report.mjs client [FOLDER]`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PUBLISHED, report, SUBJECTS } from './published.mjs'

const [subject, folder = PUBLISHED] = process.argv.slice(2)
if (!(subject in SUBJECTS)) {
  console.error(`name the figures: ${Object.keys(SUBJECTS).join(' or ')}`)
  process.exit(2)
}
const { picture, text } = await report(/** @type {keyof typeof SUBJECTS} */ (subject), folder)
writeFileSync(join(folder, `${subject}.svg`), picture)
console.log(text)
