/* The page as files that replay recorded scenes, from a file server and below a path, while no server of ours is asked. */
'use strict'

const { execFile } = require('child_process')
const { readFile, readdir } = require('fs/promises')
const { createServer } = require('http')
const { extname, join } = require('path')
const { promisify } = require('util')
const { test, expect } = require('@playwright/test')
const { Visitor } = require('./visitor')

const ROOT = join(__dirname, '../..')
const FOLDER = join(ROOT, 'target/page-recorded')
const BELOW = '/docs/demo/'
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}
/** Milliseconds: every scene is played, on a machine that may be busy. */
const PATIENCE = 300_000

test.describe.configure({ mode: 'serial' })

/** @type {import('http').Server} */
let server
let address = ''

test.beforeAll(async () => {
  test.setTimeout(PATIENCE)
  const { DEMO } = process.env
  const command = DEMO ? [DEMO] : ['cargo', 'run', '--quiet', '--package', 'wxsession-demo', '--']
  const options = ['--no-build', '--static', FOLDER, '--address', 'https://example.com/docs/demo']
  await promisify(execFile)(command[0], [...command.slice(1), ...options], { cwd: ROOT })
  server = createServer(async ({ url = '' }, response) => {
    const path = url.startsWith(BELOW) ? url.slice(BELOW.length).replace(/\?.*/, '') || 'index.html' : ''
    try {
      const content = await readFile(join(FOLDER, path))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] }).end(content)
    } catch (missing) {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('net').AddressInfo} */ (server.address())
  address = `http://127.0.0.1:${port}${BELOW}`
})

test.afterAll(() => void server?.close())

test('a folder with other files is not replaced', async () => {
  const options = ['--url', 'http://127.0.0.1:9', '--site', join(ROOT, 'demo/page/site'), '--program', ROOT]
  const recording = promisify(execFile)('node', [join(ROOT, 'demo/page/record.js'), ...options, '--into', __dirname])
  await expect(recording).rejects.toThrow(/holds other files: name an empty folder/)
})

test('every scene is recorded, each race with every rival', async ({ page }) => {
  await Visitor.arrive(page, address)
  const scenes = await page.locator('#scenes button').evaluateAll((all) => all.map(({ dataset }) => dataset.scene))
  const rivals = await page.locator('#rivals button').evaluateAll((all) => all.map(({ dataset }) => dataset.rival))
  const races = scenes.slice(0, 3).flatMap((scene) => rivals.map((rival) => `${scene}.${rival}`))
  const names = ['first', ...races, ...scenes.slice(3)].map((name) => `${name}.json`)
  expect((await readdir(join(FOLDER, 'recordings'))).sort()).toEqual(names.sort())
})

test('recorded scenes are counted, drawn and followed like live ones', async ({ page }) => {
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  const visitor = await Visitor.arrive(page, address)
  await visitor.play('late')
  expect((await visitor.counts()).logins).toEqual([1, true])
  expect((await visitor.countsOfRival()).logins).toBe(20)
  await page.click('#follow')
  await expect(page.locator('#way button').nth(2)).toHaveAttribute('aria-current', 'step')
  await visitor.play('revoke')
  expect((await visitor.counts()).refusals).toEqual([6, true])
  expect(await visitor.state()).toBe('ended')
  // A scene that was recorded signed in begins signed in, whatever was played before.
  await visitor.play('restart')
  expect((await visitor.counts()).requests).toEqual([6, true])
  expect(await visitor.state()).toBe('signed-in')
  await visitor.play('register')
  await expect(page.locator('#other-screen')).toHaveText(/^Signed in as/)
  expect(asked.filter((url) => !url.startsWith(address))).toEqual([])
  expect(visitor.complaints, 'the browser complains').toEqual([])
})

test('the page says that it is a recording, and offers nothing that needs a server', async ({ page }) => {
  await Visitor.arrive(page, address)
  await expect(page.locator('#recorded')).toHaveText(/recorded on \d{4}-\d{2}-\d{2}.*cargo xtask demo --serve/)
  await expect(page.locator('#keys')).toBeHidden()
  const picture = page.locator('meta[property="og:image"]')
  await expect(picture).toHaveAttribute('content', 'https://example.com/docs/demo/preview.png')
})

test('a recording that cannot be loaded is told', async ({ page }) => {
  const visitor = await Visitor.arrive(page, address)
  await page.route('**/recordings/restart.json', (route) => route.abort())
  await page.click('[data-scene=restart]')
  await expect(page.locator('#trouble')).toHaveText(/cannot be loaded/)
  await page.unroute('**/recordings/restart.json')
  await page.click('#reset')
  await visitor.isReady()
  await visitor.play('restart')
  expect(await visitor.text('#trouble')).toBe('')
})
