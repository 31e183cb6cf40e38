/* Everything once through without a pointer. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

const focused = (page) =>
  page.evaluate(() => {
    const { id, dataset } = document.activeElement
    return dataset.scene || dataset.order || id || document.activeElement.tagName.toLowerCase()
  })

test('the tab key reaches all there is in the order of the page, and shows where it is', async ({ page }) => {
  const reached = []
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab')
    const name = await focused(page)
    if (name === 'body') break
    if (reached.includes(name)) break
    reached.push(name)
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    assert.strictEqual(outline, 'solid', name)
  }
  assert.deepStrictEqual(reached, [
    'a',
    'language',
    'theme',
    'reset',
    'cold',
    'restart',
    'expire',
    'revoke',
    'replace',
    'busy',
    'store',
    'offline',
    'slow',
    'abort',
    'storage',
    'clock',
    'earlier',
    'later',
    'pause',
    'clear',
    'picture',
    'table',
    'svg',
    'launch',
    'list',
    'upload',
    'signOut',
  ])
})

test('a scene is played, its calls are walked through and it is reset by keys alone', async (visitor) => {
  const { page } = visitor
  await page.focus('[data-scene=cold]')
  await page.keyboard.press('Enter')
  await visitor.isOver()
  await page.focus('#chart svg')
  await page.keyboard.press('Home')
  const first = await visitor.text('#details')
  assert.match(first, /^(page|wxsession) · /)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  assert.match(await visitor.text('#details'), /^wx · /)
  const chosen = await page.getAttribute('#chart svg', 'aria-activedescendant')
  assert.strictEqual(await page.getAttribute(`#${chosen}`, 'aria-selected'), 'true')
  await page.keyboard.press('ArrowRight')
  assert.notStrictEqual(await page.getAttribute('#chart svg', 'aria-activedescendant'), chosen)
  await page.keyboard.press('Escape')
  assert.match(await visitor.text('#details'), /^Point at a call/)
  await page.focus('#table')
  await page.keyboard.press('Space')
  await page.waitForSelector('#calls table')
  await page.focus('#reset')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.getElementById('run-title').textContent === 'First start')
})
