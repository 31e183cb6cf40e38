/* The pages fit a phone, and axe finds no barrier. */
'use strict'

const { source } = require('axe-core')
const { expect, test } = require('@playwright/test')
const { pages } = require('./built')

test.describe('on a phone', () => {
  // Without scripts a page is shown at once, and looks the same.
  test.use({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, javaScriptEnabled: false })

  test('no page is wider than the screen', async ({ page }) => {
    const wide = []
    for (const path of pages().filter((path) => path !== '404.html')) {
      await page.goto(path, { waitUntil: 'domcontentloaded' })
      const width = await page.locator('html').evaluate((root) => root.scrollWidth)
      if (width > 390) wide.push(`${path}: ${width}`)
    }
    expect(wide).toEqual([])
  })
})

/** The tables of a page, whose right edge is cut off. */
const cut = (page, tables) =>
  page
    .locator(tables)
    .evaluateAll((all) =>
      all
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ textContent }) => textContent.slice(0, 60)),
    )

for (const path of [
  'js/docs/errors.html',
  'js/docs/options.html',
  'service/docs/protocol.html',
  'zh-CN/js/docs/errors.html',
]) {
  test(`every column of ${path} is on the screen, on a phone each below its heading`, async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(path)
    if (/errors|options/.test(path)) expect(await cut(page, '.vp-doc table')).toEqual([])
    await page.setViewportSize({ width: 360, height: 640 })
    expect(await cut(page, '.vp-doc .of-words')).toEqual([])
    const cell = page.locator('.of-words td[data-heading]').first()
    const heading = await cell.evaluate((shown) => getComputedStyle(shown, '::before').content)
    expect(heading).toBe(JSON.stringify(await cell.getAttribute('data-heading')))
    // However it is shown, a screen reader hears a table.
    await expect(page.getByRole('table').first().getByRole('row').nth(1).getByRole('cell').first()).toBeVisible()
  })
}

/** The rules that the page breaks, and where. @returns {Promise<string[]>} */
async function barriers(page) {
  await page.evaluate(source)
  const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run({ resultTypes: ['violations'] }))
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html)
        .join(' ')}`,
  )
}

/** Each look, and pages whose parts are all that pages have. */
const LOOKS = {
  'light, on a laptop': {
    looks: {},
    paths: ['', 'js/docs/api.html', 'zh-CN/js/docs/comparison.html', 'service/docs/deploy.html'],
  },
  'dark, on a laptop': {
    looks: { colorScheme: /** @type {const} */ ('dark') },
    paths: ['zh-CN/', 'js/docs/errors.html'],
  },
  'light, on a phone': {
    looks: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    paths: ['zh-CN/', 'service/docs/settings.html'],
  },
}

for (const [name, { looks, paths }] of Object.entries(LOOKS)) {
  test.describe(() => {
    test.use(looks)

    for (const path of paths) {
      test(`axe finds no barrier: ${path || 'the first page'}, ${name}`, async ({ page }) => {
        await page.goto(path)
        await expect(page.locator('.vp-doc h1')).toBeVisible()
        expect(await barriers(page)).toEqual([])
      })
    }
  })
}
