/* What the page may do in a browser, and what it never shows. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

test('the page makes no code of texts; only the phone, in its worker, does', async ({ page, url }) => {
  const policy = async (path) => (await (await page.request.get(url + path)).headers())['content-security-policy']
  assert.match(await policy('/'), /^default-src 'none'; script-src 'self'; /)
  assert.strictEqual((await policy('/')).includes('unsafe'), false)
  assert.match(await policy('/simulator/phone/browser.js'), /script-src 'self' 'unsafe-eval'/)
})

test('neither session ids nor login codes are told to the page or shown on it', async (visitor) => {
  const { page } = visitor
  const events = page.waitForRequest(/\/events$/)
  await page.reload()
  await visitor.isReady()
  await page.evaluate((url) => {
    window.told = []
    new EventSource(url).addEventListener('message', ({ data }) => window.told.push(data))
  }, (await events).url())
  const secrets = new Set()
  page.on('request', (request) => {
    const { sessionid } = request.headers()
    const { code } = request.postDataJSON() || {}
    for (const secret of [sessionid, code]) if (secret) secrets.add(secret)
  })
  await visitor.play('cold')
  assert.strictEqual(secrets.size, 2)
  await page.click('#table')
  await page.waitForFunction(() => window.told.length > 40)
  const shown = (await page.content()) + (await page.evaluate(() => window.told.join()))
  for (const secret of secrets) assert.strictEqual(shown.includes(secret), false)
})

test('without its server the page says so', async (visitor) => {
  const { page } = visitor
  await page.route('**/worlds', (route) => route.abort())
  await page.click('#reset')
  await page.waitForFunction(() => /does not answer/.test(document.getElementById('trouble').textContent))
  await page.unroute('**/worlds')
  await page.click('#reset')
  await visitor.isReady()
  await visitor.play('restart')
  assert.strictEqual(await visitor.text('#trouble'), '')
  // The browser tells of the request that the test has cut.
  visitor.complaints.splice(0)
})

test('a phone whose server has gone says so after each scene', async (visitor) => {
  const { page } = visitor
  await page.route('**/worlds/*/**', (route) => route.abort())
  for (const scene of ['cold', 'restart']) {
    await visitor.play(scene)
    assert.match(await visitor.text('#trouble'), /does not answer/, scene)
  }
  visitor.complaints.splice(0)
})
