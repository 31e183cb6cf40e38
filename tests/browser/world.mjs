// Chromium with a page that has the package, and the server that the page calls, at another origin.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { launched } from './chromium.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))

// All that takes time is here, so that every test is known at once.
const [browser, script, site, api, elsewhere] = await Promise.all([
  launched(),
  bundled(process.env.TARBALL ?? ''),
  serve(),
  serve(),
  serve(),
])
after(() => browser.close())

/** The server that the page calls, and the site that it goes to for a sign-in. Each has its requests from one file of tests. */
export { api, elsewhere }

site.server.on('request', (request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? script : '<!doctype html><title>page</title><script src="/page.js"></script>')
})

/** The origin of the page. */
export const PAGE = site.url

/** @type {Promise<any> | undefined} */
let page

/** A page for tests that leave nothing behind in it. */
export const shared = () => (page ??= browser.newPage().then((page) => page.goto(PAGE).then(() => page)))

/**
 * Opens the page in a browser of its own, which ends with the test.
 *
 * @param {import('node:test').TestContext} test
 * @param {(context: import('playwright-core').BrowserContext) => Promise<unknown>} [prepare]
 */
export async function opened(test, prepare = async () => {}) {
  const context = await browser.newContext()
  test.after(() => context.close())
  await prepare(context)
  const page = await context.newPage()
  await page.goto(PAGE)
  return page
}

/**
 * Serves what a function answers, until the tests are over.
 *
 * @param {import('node:http').RequestListener} [listener]
 */
export async function serve(listener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { server, url: `http://127.0.0.1:${port}` }
}

/** A promise, and what resolves it. */
export function awaited() {
  /** @type {(value: any) => void} */
  let resolve = () => {}
  const promise = new Promise((settle) => (resolve = settle))
  return { promise, resolve }
}

/** The page's script, with the package as a bundler finds it. */
async function bundled(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'wxsession-browser-'))
  const installed = join(folder, 'wxsession')
  mkdirSync(installed)
  execFileSync('tar', ['--extract', '--gzip', '--strip-components=1', '--file', tarball, '--directory', installed])
  const { outputFiles } = await build({
    entryPoints: [join(HERE, 'page.js')],
    bundle: true,
    write: false,
    nodePaths: [folder],
    logLevel: 'warning',
  })
  rmSync(folder, { recursive: true })
  return outputFiles[0].text
}
