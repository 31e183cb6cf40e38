/* Accessibility, by axe, in every look of the page. */
'use strict'

const { source } = require('axe-core')
const { expect, test } = require('./visitor')

/**
 * The rules that the page breaks, and where.
 * @param {import('@playwright/test').Page} page
 * @returns {Promise<string[]>}
 */
async function barriers(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
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
  test.describe(() => {
    test.use(looks)

    test(`axe finds no barrier: ${name}`, async ({ page, visitor }) => {
      expect(await barriers(page), 'at first').toEqual([])
      for (const scene of ['expire', 'revoke', 'taken']) {
        await visitor.play(scene)
        expect(await barriers(page), scene).toEqual([])
      }
      await page.click('#follow')
      await page.waitForSelector('#way button')
      expect(await barriers(page), 'the way of a call').toEqual([])
      await page.click('#table')
      await page.waitForSelector('#calls table')
      expect(await barriers(page), 'the table').toEqual([])
    })
  })
}

test('a screen reader hears one sentence a client, with singulars', async ({ page, visitor }) => {
  await page.evaluate(() => {
    window.heard = []
    new MutationObserver(() => {
      const { textContent } = document.getElementById('news')
      if (textContent) window.heard.push(textContent)
    }).observe(document.getElementById('news'), { childList: true })
  })
  await visitor.play('restart')
  await visitor.play('cold')
  const [restart, cold] = await page.evaluate(() => window.heard)
  expect(restart).toBe('Restart: 0 wx.login, 0 exchanges, 6 wx requests, 0 refusals, 6 answers.')
  expect(cold).toMatch(
    /^20 at once: 1 wx\.login, 1 exchange, 21 wx requests, 0 refusals, 20 answers\. usual code: \d+ wx\.login, [^.]* lost calls?\.$/,
  )
})
