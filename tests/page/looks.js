/* Light and dark, narrow and wide, still and moving. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }

const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
const brightness = (colour) =>
  colour
    .match(/\d+/g)
    .slice(0, 3)
    .reduce((sum, part) => sum + Number(part), 0)

test(
  'a dark system has a dark page, and a switch that is remembered',
  async (visitor) => {
    const { page } = visitor
    assert.strictEqual(brightness(await ground(page)) < 150, true)
    await page.click('#theme')
    assert.strictEqual(brightness(await ground(page)) > 600, true)
    await page.reload()
    await visitor.isReady()
    assert.strictEqual(brightness(await ground(page)) > 600, true)
  },
  { colorScheme: 'dark' },
)

for (const locale of ['en-GB', 'zh-CN']) {
  test(
    `nothing sticks out on a phone (${locale}), whatever is played`,
    async (visitor) => {
      const { page } = visitor
      const overhang = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.strictEqual(await overhang(), 0)
      for (const scene of ['expire', 'replace']) {
        await visitor.play(scene)
        assert.strictEqual(await overhang(), 0, scene)
        await page.click('#table')
        assert.strictEqual(await overhang(), 0, `${scene} as a table`)
        await page.click('#picture')
      }
    },
    { ...PHONE, locale },
  )
}

test(
  'what is touched on a phone is large enough for a finger',
  async ({ page }) => {
    const small = await page.$$eval('button', (buttons) =>
      buttons.filter((button) => button.getBoundingClientRect().height < 40).map((button) => button.textContent),
    )
    assert.deepStrictEqual(small, [])
  },
  PHONE,
)

test(
  'nothing moves for whoever asks for that',
  async (visitor) => {
    const { page } = visitor
    await page.click('[data-scene=slow]')
    await page.waitForSelector('.step[data-outcome=running]')
    const moving = await page.evaluate(() => document.getAnimations().length)
    assert.strictEqual(moving, 0)
  },
  { reducedMotion: 'reduce' },
)
