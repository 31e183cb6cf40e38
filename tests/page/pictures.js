/*
 * Takes the screenshots for README, and the picture of links to the page, while `cargo xtask demo --serve` runs:
 *   node tests/page/pictures.js --url URL --browser CHROMIUM --into demo/page
 */
'use strict'

const { join } = require('path')
const { parseArgs } = require('util')
const { chromium } = require('@playwright/test')
const how = require('../chromium')
const { Visitor } = require('./visitor')

const text = /** @type {const} */ ({ type: 'string', multiple: false })
const { values: settings } = parseArgs({ options: { url: text, browser: text, into: text } })

const LAPTOP = { viewport: { width: 1340, height: 880 }, deviceScaleFactor: 1.25, colorScheme: 'light' }
/** Beside the scenes there is room for a picture of the size that links show. */
const PREVIEW = { width: 1200, height: 630 }
const AROUND = { viewport: { width: 1486, height: 694 }, colorScheme: 'light' }
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  colorScheme: 'dark',
  isMobile: true,
  hasTouch: true,
}

async function main() {
  const browser = await chromium.launch({ ...how.chromium, executablePath: settings.browser })

  /**
   * @param {string} path @param {object} looks
   * @param {(page: import('@playwright/test').Page) => Promise<object | void>} arrange Resolves to the part that is wanted.
   */
  async function take(path, looks, arrange) {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...looks })
    const visitor = await Visitor.arrive(await context.newPage(), settings.url)
    await visitor.play('late')
    // The server's last events may still be on their way.
    await visitor.page.waitForTimeout(1000)
    await visitor.page.mouse.move(0, 0)
    const clip = await arrange(visitor.page)
    await visitor.page.screenshot({ path: join(settings.into, path), ...(clip ? { clip } : {}) })
    await context.close()
  }

  const toTheTop = (page) => page.evaluate(() => void scrollTo(0, 0))
  const languages = { 'en-GB': '.png', 'zh-CN': '.zh-CN.png' }
  for (const [locale, ending] of Object.entries(languages)) {
    await take(`laptop-light${ending}`, { ...LAPTOP, locale }, toTheTop)
    await take(`phone-dark${ending}`, { ...PHONE, locale }, toTheTop)
  }
  await take('site/preview.png', AROUND, async (page) => {
    const { x, y } = await page.locator('.stage').boundingBox()
    return { x: x - 9, y: y - 8, ...PREVIEW }
  })
  await browser.close()
}

main()
