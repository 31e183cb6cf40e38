/* What axe finds, in every look of the page. */
'use strict'

const assert = require('assert')
const { source } = require('axe-core')
const { test } = require('./runner')

/** What is wrong for somebody, and where. */
async function barriers(page) {
  await page.evaluate(source)
  const { violations } = await page.evaluate(() => window.axe.run())
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html)
        .slice(0, 3)
        .join(' ')}`,
  )
}

const LOOKS = {
  'light, on a laptop': {},
  'dark, in Chinese': { colorScheme: 'dark', locale: 'zh-CN' },
  'light, on a phone': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}

for (const [name, looks] of Object.entries(LOOKS)) {
  test(
    `axe finds no barrier: ${name}`,
    async (visitor) => {
      const { page } = visitor
      assert.deepStrictEqual(await barriers(page), [], 'at first')
      for (const scene of ['expire', 'revoke']) {
        await visitor.play(scene)
        assert.deepStrictEqual(await barriers(page), [], scene)
      }
      await page.click('#table')
      await page.waitForSelector('#calls table')
      assert.deepStrictEqual(await barriers(page), [], 'the table')
    },
    looks,
  )
}

test('a screen reader hears one sentence a scene', async (visitor) => {
  const { page } = visitor
  await page.evaluate(() => {
    window.heard = []
    new MutationObserver(() => {
      const { textContent } = document.getElementById('news')
      if (textContent) window.heard.push(textContent)
    }).observe(document.getElementById('news'), { childList: true })
  })
  await visitor.play('cold')
  assert.deepStrictEqual(await page.evaluate(() => window.heard), [
    '20 at once: 1 wx.login, 1 exchanges, 21 wx requests, 0 refusals, 20 answers.',
  ])
})
