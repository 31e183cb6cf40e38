/* The tests of an example's build for browsers, with an authorization server that sends its users back with a code. */
'use strict'

const assert = require('assert')
const { once } = require('events')
const { readFile } = require('fs/promises')
const http = require('http')
const { extname, join } = require('path')
const { loginAt } = require('../../simulator/phone')
const { build, configure } = require('./build')
const { PRODUCTS, SIGN_IN, SIGN_OUT } = require('./screen')

/** In milliseconds. A quiet machine takes a few hundred. */
const PATIENCE = 60000

const TYPES = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' }

/**
 * @param {import('./apps').App} app
 * @param {string} folder The folder of the program.
 * @param {{api: string, wechat: string}} world
 * @returns {{[sentence: string]: () => unknown}}
 */
function inBrowser(app, folder, { api, wechat }) {
  const root = join(folder, /** @type {string} */ (app.pages))
  /** @type {{site: string, api: string, authorize: string, launch: () => Promise<any>}} */
  let places

  /** Opens the page for a new user, runs the test, and fails if the page complains. */
  const visit = async (user, test) => {
    const browser = await places.launch()
    try {
      const page = await browser.newPage()
      const visitor = visitorOf(page, places)
      await page.goto(`${places.site}/?user=${user}`)
      await test(visitor, page)
      assert.deepStrictEqual(visitor.complaints, [])
    } finally {
      await browser.close()
    }
  }

  return {
    async 'is built for browsers too'() {
      const site = await serve(async ({ url }, response) => {
        const path = new URL(String(url), 'http://site').pathname.replace(/\/$/, '/index.html')
        const file = await readFile(join(root, path)).catch(() => undefined)
        response.setHeader('content-type', TYPES[extname(path)] || 'application/octet-stream')
        response.writeHead(file ? 200 : 404).end(file)
      })
      const authorize = await serve(async ({ url }, response) => {
        const asked = new URL(String(url), 'http://authorize').searchParams
        const back = new URL(String(asked.get('redirect_uri')))
        const newCode = loginAt(wechat, { user: `${app.name} ${back.searchParams.get('user')}` })
        back.searchParams.set('code', await newCode())
        back.searchParams.set('state', String(asked.get('state')))
        response.writeHead(302, { location: back.href }).end()
      })
      const { allowing } = await import('../browser/nginx.mjs')
      const { launched } = await import('../browser/chromium.mjs')
      const nginx = await allowing({ page: site, api })
      process.on('exit', () => nginx.kill())
      places = { site, api: nginx.url, authorize, launch: launched }
      configure(folder, 'API', nginx.url)
      configure(folder, 'AUTHORIZE', authorize)
      await build(folder, 'build:h5')
    },

    'signs in once in a browser, by a redirect, and shows the products': () =>
      visit('one', async (visitor, page) => {
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        assert.deepStrictEqual(visitor.calls, { '/wx/onlogin': 1, '/wx/products/list': 1, authorize: 1 })
        assert.strictEqual(new URL(page.url()).search, '?user=one')
      }),

    'keeps the session when the page is loaded again': () =>
      visit('two', async (visitor, page) => {
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        await page.reload()
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        assert.deepStrictEqual(visitor.calls, { '/wx/onlogin': 1, '/wx/products/list': 2, authorize: 1 })
      }),

    'renews a session that the server has ended, by one more redirect': () =>
      visit('three', async (visitor, page) => {
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        await fetch(`${api}/wx/logout`, { method: 'POST', headers: { sessionid: await visitor.session() } })
        await page.reload()
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        assert.strictEqual(visitor.calls['/wx/onlogin'], 2)
        assert.strictEqual(visitor.calls.authorize, 2)
      }),

    'signs out in a browser, here and on the server, and in again': () =>
      visit('four', async (visitor, page) => {
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
        const sessionid = await visitor.session()
        await page.getByText(SIGN_OUT, { exact: true }).click()
        await visitor.shows('登录态：signed-out')
        await page.getByText(PRODUCTS[0]).waitFor({ state: 'detached', timeout: PATIENCE })
        assert.strictEqual((await fetch(`${api}/wx/session`, { headers: { sessionid } })).status, 401)
        await page.reload()
        await visitor.shows('登录态：signed-out')
        await page.getByText(SIGN_IN, { exact: true }).click()
        await visitor.shows('登录态：signed-in', ...PRODUCTS)
      }),
  }
}

/** What a page shows, calls and complains of. */
function visitorOf(page, { api, authorize }) {
  const calls = {}
  const complaints = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    const name = origin === authorize ? 'authorize' : origin === api && request.method() !== 'OPTIONS' && pathname
    if (name) calls[name] = (calls[name] || 0) + 1
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  return {
    calls,
    complaints,
    /** Waits until the page shows these texts. */
    async shows(...texts) {
      for (const text of texts) await page.getByText(text).first().waitFor({ timeout: PATIENCE })
    },
    session: () => page.evaluate("JSON.parse(localStorage.getItem('wxsession')).id"),
  }
}

/** Serves until the tests are over, and returns the origin. */
async function serve(listener) {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${/** @type {import('net').AddressInfo} */ (server.address()).port}`
}

module.exports = { inBrowser }
