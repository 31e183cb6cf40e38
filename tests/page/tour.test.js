/* The page plays by itself until it is touched. Visitors who ask for less motion start that themselves. */
'use strict'

const { expect, test } = require('./visitor')

test.describe(() => {
  test.use({ contextOptions: { reducedMotion: 'no-preference' } })

  test('the page races by itself once it is open, and stops at the first touch', async ({ page, visitor }) => {
    const title = page.locator('#run-title')
    await expect(title).toHaveText('20 at once')
    await expect(page.locator('#tour')).toHaveAttribute('aria-pressed', 'true')
    // A call is followed, and then comes the next scene.
    await expect(page.locator('#way button[aria-current=step]')).toHaveCount(1)
    await expect(title).not.toHaveText('20 at once')
    await page.mouse.click(5, 400)
    await expect(page.locator('#tour')).toHaveAttribute('aria-pressed', 'false')
    await visitor.isOver()
    await page.click('[data-scene=restart]')
    await expect(title).toHaveText('Restart')
    await visitor.isOver()
    await page.click('#reset')
    await visitor.isReady()
    await expect(title, 'nothing plays by itself again').toHaveText('First start')
  })
})

test('who asks for less motion starts the tour by a button, and stops it by a key', async ({ page, visitor }) => {
  await expect(page.locator('#run-title')).toHaveText('First start')
  await page.click('#tour')
  await expect(page.locator('#run-title')).toHaveText('20 at once')
  await page.keyboard.press('Shift')
  await visitor.isOver()
  await expect(page.locator('#tour')).toHaveAttribute('aria-pressed', 'false')
})
