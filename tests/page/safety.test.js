/* The page's policy in a browser, its secrets, and a server that is gone. */
'use strict'

const { expect, test } = require('./visitor')

test('the page makes no code of texts; only the phone, in its worker, does', async ({ page }) => {
  /** @param {string} path */
  const policy = async (path) => (await page.request.get(path)).headers()['content-security-policy']
  expect(await policy('/')).toMatch(/^default-src 'none'; script-src 'self'; /)
  expect(await policy('/')).not.toContain('unsafe')
  expect(await policy('/simulator/phone/browser.js')).toMatch(/script-src 'self' 'unsafe-eval'/)
})

test('neither session ids nor login codes are told to the page or shown on it', async ({ page, visitor }) => {
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
    const inQuery = new URL(request.url()).searchParams.get('code')
    for (const secret of [sessionid, code, inQuery]) if (secret) secrets.add(secret)
  })
  await visitor.play('cold')
  // Two of ours, and those of the client that races beside it.
  expect(secrets.size).toBeGreaterThan(20)
  await page.click('#table')
  await page.waitForFunction(() => window.told.length > 40)
  const shown = (await page.content()) + (await page.evaluate(() => window.told.join()))
  for (const secret of secrets) expect(shown).not.toContain(secret)
})

test('without its server the page says so', async ({ page, visitor }) => {
  await page.route('**/worlds', (route) => route.abort())
  await page.click('#reset')
  await expect(page.locator('#trouble')).toHaveText(/does not answer/)
  await page.unroute('**/worlds')
  await page.click('#reset')
  await visitor.isReady()
  await visitor.play('restart')
  expect(await visitor.text('#trouble')).toBe('')
  // The browser complains of the request that the test aborted.
  visitor.complaints.length = 0
})

test('a phone whose server has gone says so after each scene', async ({ page, visitor }) => {
  await page.route('**/worlds/*/**', (route) => route.abort())
  for (const scene of ['cold', 'restart']) {
    await visitor.play(scene)
    expect(await visitor.text('#trouble'), scene).toMatch(/does not answer/)
  }
  visitor.complaints.length = 0
})
