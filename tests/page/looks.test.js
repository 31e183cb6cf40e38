/* Light and dark, phone and laptop, with and without motion. */
'use strict'

const { expect, test } = require('./visitor')

const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }

/** @param {import('@playwright/test').Page} page */
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)

/** The sum of a colour's red, green and blue. @param {string} colour */
const brightness = (colour) => (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)

test.describe(() => {
  test.use({ colorScheme: 'dark' })

  test('a dark system has a dark page, and a switch that is remembered', async ({ page, visitor }) => {
    expect(brightness(await background(page))).toBeLessThan(150)
    await page.click('#theme')
    expect(brightness(await background(page))).toBeGreaterThan(600)
    await page.reload()
    await visitor.isReady()
    expect(brightness(await background(page))).toBeGreaterThan(600)
  })
})

for (const locale of ['en-GB', 'zh-CN']) {
  test.describe(() => {
    test.use({ ...PHONE, locale })

    test(`nothing sticks out on a phone (${locale}), whatever is played`, async ({ page, visitor }) => {
      const overhang = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(await overhang()).toBe(0)
      for (const scene of ['late', 'replace', 'taken', 'register']) {
        await visitor.play(scene)
        expect(await overhang(), scene).toBe(0)
        await page.click('#table')
        expect(await overhang(), `${scene} as a table`).toBe(0)
        await page.click('#picture')
      }
    })
  })
}

test.describe(() => {
  test.use(PHONE)

  test('what is touched on a phone is large enough for a finger', async ({ page }) => {
    const small = await page
      .locator('button')
      .evaluateAll((buttons) =>
        buttons.filter(({ offsetHeight }) => offsetHeight > 0 && offsetHeight < 40).map((button) => button.textContent),
      )
    expect(small).toEqual([])
  })
})

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
]) {
  test.describe(() => {
    test.use({ viewport })

    test(`axis, details and legend are in a window of ${viewport.width} × ${viewport.height}`, async ({
      page,
      visitor,
    }) => {
      for (const scene of ['cold', 'late', 'clock', 'users']) {
        await visitor.play(scene)
        for (const part of ['#chart svg', '#details', '#legend']) {
          const { y, height } = await page.locator(part).boundingBox()
          expect(y + height, `${part} in ${scene}`).toBeLessThanOrEqual(viewport.height)
        }
      }
    })
  })
}

test('nothing moves for whoever asks for that', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const isRunning = page.waitForSelector('#chart .step[data-outcome=running]')
  await page.click('[data-scene=slow]')
  await isRunning
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
})

test.describe(() => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })

  test('a small phone has room: the title, the buttons on one line, whose numbers they are, and the chart', async ({
    page,
    visitor,
  }) => {
    await visitor.play('cold')
    const heights = await page.locator('.tools button').evaluateAll((all) => all.map((button) => button.offsetHeight))
    expect(Math.max(...heights)).toBe(40)
    await expect(page.locator('#whose')).toHaveText('On the right: usual code')
    await expect(page.locator('#whose')).toBeInViewport({ ratio: 1 })
    await expect(page.locator('#next'), 'is not the button beside it').toHaveText(/Late refusals/)
    const covered = async () => {
      const { y } = await page.locator('#inspector').boundingBox()
      const { y: top } = await page.locator('#chart svg').boundingBox()
      return y - top
    }
    expect(await covered(), 'pixels of the chart above the details').toBeGreaterThan(200)
    await page.click('#tour')
    const [title, notice] = await Promise.all(['#run-title', '#tour'].map((part) => page.locator(part).boundingBox()))
    expect(title.x + title.width).toBeLessThanOrEqual(notice.x)
    await page.keyboard.press('Escape')
  })

  test('on a small phone the details come up with the call that is touched', async ({ page, visitor }) => {
    await visitor.play('restart')
    await page.evaluate(() => scrollTo(0, 0))
    const { x, y, width } = await page.locator('#chart .step.page .bar').first().boundingBox()
    await page.touchscreen.tap(x + width / 2, y + 3)
    await expect(page.locator('#details')).toHaveText(/^page · /)
    await expect(page.locator('#details')).toBeInViewport({ ratio: 1 })
  })
})
