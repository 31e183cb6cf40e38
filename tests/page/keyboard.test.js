/* The page without a pointer. */
'use strict'

const { expect, test } = require('./visitor')

/** @param {import('@playwright/test').Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const { id, dataset, tagName } = /** @type {HTMLElement} */ (document.activeElement)
    return dataset.scene || dataset.order || id || tagName.toLowerCase()
  })

test('the tab key reaches all there is in the order of the page, and shows where it is', async ({ page }) => {
  const reached = []
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab')
    const name = await focused(page)
    if (name === 'body' || reached.includes(name)) break
    reached.push(name)
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    expect(outline, name).toBe('solid')
  }
  expect(reached).toEqual([
    'a',
    'language',
    'theme',
    'reset',
    'cold',
    'late',
    'expire',
    'thief',
    'restart',
    'revoke',
    'replace',
    'busy',
    'store',
    'offline',
    'slow',
    'abort',
    'storage',
    'clock',
    'register',
    'password',
    'guess',
    'taken',
    'users',
    'tour',
    'earlier',
    'later',
    'pause',
    'clear',
    'picture',
    'table',
    'svg',
    'back',
    'forth',
    'follow',
    'copy',
    'pre',
    'launch',
    'list',
    'upload',
    'signOut',
  ])
})

test('a scene is played, its calls are walked through and it is reset by keys alone', async ({ page, visitor }) => {
  const details = page.locator('#details')
  const chart = page.locator('#chart svg')
  await page.focus('[data-scene=cold]')
  await page.keyboard.press('Enter')
  await visitor.isOver()
  await chart.focus()
  await page.keyboard.press('Home')
  await expect(details).toHaveText(/^(page|wxsession) · /)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(details).toHaveText(/^wx · /)
  const chosen = (await chart.getAttribute('aria-activedescendant')) ?? ''
  await expect(page.locator(`#${chosen}`)).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('ArrowRight')
  await expect(chart).not.toHaveAttribute('aria-activedescendant', chosen)
  await page.keyboard.press('Escape')
  await expect(details).toHaveText(/^Touch a call/)
  await page.focus('#table')
  await page.keyboard.press('Space')
  await page.waitForSelector('#calls table')
  await page.focus('#reset')
  await page.keyboard.press('Enter')
  await expect(page.locator('#run-title')).toHaveText('First start')
})
