/* Pointing at calls, going back, pausing and clearing. */
'use strict'

const { expect, test } = require('./visitor')

test('who points at a call sees what it is, and where it went', async ({ page, visitor }) => {
  await visitor.play('cold')
  await visitor.serverHasTold(21)
  await page
    .locator('#chart .step.wx', { has: page.locator('.words:empty') })
    .first()
    .locator('.bar')
    .hover()
  await expect(page.locator('#details')).toHaveText(
    /^wx · request GET \/wx\/products\/list · Call \d+ · done \(200\) · [\d.]+ m?s · \+[\d.]+ m?s$/,
  )
  const lanes = await page
    .locator('#chart .step.followed')
    .evaluateAll((all) => [...new Set(all.map(({ classList }) => classList[1]))].sort())
  expect(lanes, 'with the sign-in that the call waited for').toEqual([
    'page',
    'server',
    'store',
    'wechat',
    'wx',
    'wxsession',
  ])
  expect(await page.locator('#chart .link').first().getAttribute('d')).toMatch(/^M.*L/)
})

test('a call is followed step by step through six lanes, by buttons and by itself', async ({ page, visitor }) => {
  await visitor.play('expire')
  await visitor.serverHasTold(41)
  await page.click('#follow')
  const steps = page.locator('#way button')
  await expect(steps.nth(2)).toHaveAttribute('aria-current', 'step')
  await page.click('#follow')
  const lanes = await steps.evaluateAll((all) => all.map(({ firstChild }) => firstChild.textContent))
  expect(lanes[0]).toBe('page')
  expect([...new Set(lanes)].sort()).toEqual(['WeChat', 'page', 'server', 'store', 'wx', 'wxsession'])
  // The call itself went out twice, and once for the code: wx.login, exchange.
  expect(lanes.filter((lane) => lane === 'wx')).toHaveLength(4)
  await steps.first().click()
  for (let step = 1; step < lanes.length; step++) await page.click('#forth')
  await expect(steps.last()).toHaveAttribute('aria-current', 'step')
  await expect(page.locator('#forth')).toHaveAttribute('aria-disabled', 'true')
  await expect(page.locator('#way-place')).toHaveText(`${lanes.length} of ${lanes.length}`)
  await page.click('#back')
  await expect(page.locator('#way-place')).toHaveText(`${lanes.length - 1} of ${lanes.length}`)
})

test('the newest scene is shown, until somebody goes back or holds it', async ({ page, visitor }) => {
  const title = page.locator('#run-title')
  const place = page.locator('#place')
  await visitor.play('cold')
  await visitor.play('restart')
  await expect(place).toHaveText('3 of 3')
  await page.click('#earlier')
  await expect(title).toHaveText('20 at once')
  await page.click('#pause')
  await visitor.play('restart')
  await expect(title).toHaveText('20 at once')
  await page.click('#pause')
  await expect(title).toHaveText('Restart')
  await page.click('#clear')
  await expect(place).toHaveText('0 of 0')
})

test('history is bounded', async ({ page, visitor }) => {
  for (let time = 0; time < 14; time++) await visitor.order('list')
  await expect(page.locator('#place')).toHaveText('12 of 12')
})

test('a scene that was cleared in the middle is not held to what the whole takes', async ({ page, visitor }) => {
  await page.click('[data-scene=slow]')
  await expect(page.locator('[data-count=logins] b')).toHaveText('1')
  await page.click('#clear')
  await visitor.isOver()
  await expect(page.locator('#counters .wrong')).toHaveCount(0)
})
