/*
 * Takes the screenshots for README, while `cargo xtask demo --serve` runs:
 *   node tests/page/pictures.js --url URL --browser CHROMIUM --into demo/page
 */
'use strict'

const { join } = require('path')
const { parseArgs } = require('util')
const { chromium } = require('@playwright/test')
const { Visitor } = require('./visitor')

const text = /** @type {const} */ ({ type: 'string', multiple: false })
const { values: settings } = parseArgs({ options: { url: text, browser: text, into: text } })

const LAPTOP = { viewport: { width: 1340, height: 880 }, deviceScaleFactor: 1.25, colorScheme: 'light' }
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  colorScheme: 'dark',
  isMobile: true,
  hasTouch: true,
}

async function main() {
  const browser = await chromium.launch({ executablePath: settings.browser, args: ['--no-sandbox'] })

  /** @param {(page: import('@playwright/test').Page) => Promise<unknown>} arrange */
  async function take(name, looks, scenes, arrange) {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...looks })
    const visitor = await Visitor.arrive(await context.newPage(), settings.url)
    for (const scene of scenes) await visitor.play(scene)
    // The server's last events may still be on their way.
    await visitor.page.waitForTimeout(1000)
    await visitor.page.mouse.move(0, 0)
    await arrange(visitor.page)
    await visitor.page.screenshot({ path: join(settings.into, name) })
    await context.close()
  }

  await take('laptop-light.png', LAPTOP, ['cold', 'expire'], (page) => page.evaluate(() => scrollTo(0, 0)))
  await take('phone-dark.png', PHONE, ['cold', 'expire'], (page) =>
    page.evaluate(() => document.getElementById('run-title').scrollIntoView()),
  )
  await browser.close()
}

main()
