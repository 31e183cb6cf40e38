/*
 * Records every scene of the served page, and writes the page as files that replay them without a server:
 *   node demo/page/record.js --url URL --site FOLDER --program FOLDER --into FOLDER [--address URL]
 *
 * What is recorded are the events that the page gets: those of the phone, which runs here as it does in a browser's worker, and
 * those of the real server. `--address` is where the files will be; it makes the address of the picture for links complete.
 */
'use strict'

const { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('fs')
const { join, relative } = require('path')
const { parseArgs } = require('util')
const { Worker } = require('worker_threads')

/** Phones that record at the same time, each in a world of its own. They wait most of the time. */
const PHONES = 3

/** The policy that the server sends with the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

async function main() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false })
  const options = { url: text, site: text, program: text, into: text, address: text }
  const { url, site, program, into, address } = parseArgs({ options }).values
  const { RIVALS, SCENES, isRace } = await import(join(site, 'scenes.js'))
  const plays = ['first', ...SCENES].flatMap((order) =>
    isRace(order) ? RIVALS.map((rival) => ({ order, rival })) : [{ order }],
  )

  // Before a minute of scenes, and before anything is removed.
  checkFolder(into)
  const recordings = await record(plays, { url, site, program })
  rmSync(into, { recursive: true, force: true })
  const isShown = (path) => relative(site, path).split(/[\\/]/)[0] !== 'phone'
  cpSync(site, into, { recursive: true, filter: isShown })
  const page = join(into, 'index.html')
  writeFileSync(page, recorded(readFileSync(page, 'utf8'), address))
  mkdirSync(join(into, 'recordings'))
  for (const [name, recording] of recordings) {
    writeFileSync(join(into, 'recordings', `${name}.json`), JSON.stringify(recording))
  }
  console.log(`${recordings.size} recordings`)
}

/** Only an earlier recording is replaced. */
function checkFolder(into) {
  const page = join(into, 'index.html')
  const isOurs = existsSync(page) && readFileSync(page, 'utf8').includes('<meta name="recorded"')
  if (existsSync(into) && readdirSync(into).length > 0 && !isOurs) {
    throw new Error(`${into} holds other files: name an empty folder, or one with an earlier recording`)
  }
}

/** Plays all of them. @returns {Promise<Map<string, object>>} The recordings by name. */
async function record(plays, workerData) {
  const waiting = plays.slice()
  const recordings = new Map()
  const phones = Array.from({ length: PHONES }, () => {
    const worker = new Worker(join(__dirname, 'recorder.js'), { workerData })
    return new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', resolve)
      worker.on('message', ({ name, recording }) => {
        if (name) recordings.set(name, recording)
        worker.postMessage(waiting.shift() || null)
      })
    })
  })
  await Promise.all(phones)
  const missing = plays.length - recordings.size
  if (missing > 0) throw new Error(`${missing} scenes were not recorded`)
  // In the order of the page, whichever phone was first.
  return new Map([...recordings].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The page as a document that replays. */
function recorded(page, address) {
  const head = `<meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <meta name="recorded" content="${new Date().toISOString().slice(0, 10)}">`
  const picture = 'property="og:image" content="'
  return page
    .replace('<meta charset="utf-8">', head)
    .replace(picture, address ? `${picture}${address.replace(/\/?$/, '/')}` : picture)
}

main().catch((error) => {
  console.error(`error: ${error.message}`)
  process.exit(1)
})
