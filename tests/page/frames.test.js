/* When the page is drawn. */
'use strict'

const { expect, test } = require('./visitor')

/** Milliseconds between two calm drawings, less what a timer's rounding may take from them. */
const CALM = 249

/**
 * Asks for drawings in every frame until there were two: how many frames and milliseconds that took.
 * @param {import('@playwright/test').Page} page @param {'draw' | 'drawCalmly'} how
 */
const twoDrawings = (page, how) =>
  page.evaluate(async (how) => {
    const path = '/frames.js'
    const { createFrames } = await import(path)
    let shown = 0
    const frames = createFrames({ show: () => shown++, isPlaying: () => false })
    frames.begin()
    const began = performance.now()
    let passed = 0
    while (shown < 2) {
      frames[how]()
      await new Promise(requestAnimationFrame)
      passed++
    }
    return { passed, took: performance.now() - began }
  }, how)

test('who asks for less motion sees now and then what happens by itself, and at once what they press', async ({
  page,
}) => {
  expect((await twoDrawings(page, 'drawCalmly')).took).toBeGreaterThan(2 * CALM)
  expect((await twoDrawings(page, 'draw')).passed).toBe(2)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect((await twoDrawings(page, 'drawCalmly')).passed).toBe(2)
})

test('the picture grows by itself while a scene is played, and only then', async ({ page }) => {
  const after = await page.evaluate(async () => {
    const path = '/frames.js'
    const { createFrames } = await import(path)
    let shown = 0
    const frames = createFrames({ show: () => shown++, isPlaying: () => shown < 3 })
    // Not all parts exist yet.
    frames.draw()
    await new Promise(requestAnimationFrame)
    const before = shown
    frames.begin()
    frames.draw()
    while (shown < 3) await new Promise(requestAnimationFrame)
    await new Promise((resolve) => setTimeout(resolve, 600))
    return { before, shown }
  })
  expect(after).toEqual({ before: 0, shown: 3 })
})
