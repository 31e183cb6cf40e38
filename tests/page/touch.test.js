/* The page under a finger, on a phone. */
'use strict'

const { expect, test } = require('./visitor')

test.use({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })

test('a touched call is told of beside the chart, and stays', async ({ page, visitor }) => {
  await visitor.play('restart')
  await visitor.serverHasTold(6)
  await page.locator('#chart .step.page .bar').nth(2).tap()
  const details = page.locator('#details')
  await expect(details).toHaveText(/^page · request GET \/wx\/products\/list · Call \d+ · done \(200\)/)
  await expect(details).toBeInViewport({ ratio: 1 })
  await expect(page.locator('#chart svg')).toBeInViewport()
  const told = await visitor.text('#details')
  await page.locator('#forth').tap()
  await expect(details).toHaveText(/^wxsession · /)
  await page.locator('#forth').tap()
  await expect(details).toHaveText(/^wx · /)
  for (let step = 0; step < 2; step++) await page.locator('#back').tap()
  await expect(details).toHaveText(told)
})

test('a finger need not hit a bar exactly, and one far from all of them means none', async ({ page, visitor }) => {
  await visitor.play('restart')
  await visitor.serverHasTold(6)
  const bar = page.locator('#chart .step.page .bar').last()
  const { width, height } = await bar.boundingBox()
  // Below the bar, where only the chart is.
  await bar.tap({ position: { x: width / 2, y: height + 9 }, force: true })
  await expect(page.locator('#details')).toHaveText(/^(page|wx) · /)
  const chart = page.locator('#chart svg')
  const { height: bottom } = await chart.boundingBox()
  // The lower edge may be off the screen or covered: this scrolls until the chart itself is under the finger.
  await chart.tap({ position: { x: 20, y: bottom - 4 } })
  await expect(page.locator('#details')).toHaveText(/^Touch a call/)
})

test('the next scene is one touch away, wherever the page is scrolled', async ({ page, visitor }) => {
  await page.locator('#loud').tap()
  await visitor.isOver()
  await expect(page.locator('#run-title')).toHaveText('20 at once')
  await expect(page.locator('#next')).toHaveText(/Late refusals/)
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  await expect(page.locator('#next')).toBeInViewport({ ratio: 1 })
  await page.locator('#next').tap()
  await visitor.isOver()
  await expect(page.locator('#run-title')).toHaveText('Late refusals')
  await expect(page.locator('#run-title')).toBeInViewport()
})
