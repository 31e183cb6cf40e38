// Runs a CommonJS program in a worker of Chromium, as `node` and `jsc` run it:
//   CHROMIUM=… node tests/browser/engine.mjs tests/package/main.js --package PROGRAM
//
// PROGRAM is inside the project's folder, of which the worker may read every file by its path.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launched } from './chromium.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' }

const [script = '', ...rest] = process.argv.slice(2)

const site = createServer(async (request, response) => {
  const path = resolve(decodeURIComponent(new URL(request.url ?? '', 'http://localhost').pathname))
  const isPage = path === '/'
  const bytes = path.startsWith(ROOT) && (await readFile(path).catch(() => undefined))
  response.writeHead(bytes || isPage ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'text/plain' })
  response.end(bytes || undefined)
})
await once(site.listen(0, '127.0.0.1'), 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (site.address())

const browser = await launched()
const page = await browser.newPage()
await page.exposeFunction('print', console.log)
await page.goto(`http://127.0.0.1:${port}/`)
const query = new URLSearchParams({ program: resolve(script) })
// The package is read by its path from the root.
rest.forEach((argument) => query.append('argument', argument.includes(sep) ? resolve(argument) : argument))
process.exitCode = await page.evaluate(
  (worker) =>
    new Promise((resolve) => {
      const running = new Worker(worker)
      running.onmessage = ({ data: { print, exit } }) => (print === undefined ? resolve(exit) : window.print(print))
      running.onerror = ({ message }) => Promise.resolve(window.print(message)).then(() => resolve(1))
    }),
  `${ROOT}simulator/phone/browser.js?${query}`,
)
await browser.close()
site.close()
site.closeAllConnections()
