/* Pointing at calls, going back, holding still, clearing. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

test('who points at a call sees what it is, and where it went', async (visitor) => {
  await visitor.play('cold')
  const { page } = visitor
  await page.waitForFunction(() => document.querySelectorAll('.step.server').length > 20)
  await page
    .locator('.step.wx', { has: page.locator('.words:empty') })
    .first()
    .locator('.bar')
    .hover()
  assert.match(
    await visitor.text('#details'),
    /^wx · request GET \/wx\/products\/list · Call \d+ · done \(200\) · [\d.]+ m?s · \+[\d.]+ m?s$/,
  )
  const lanes = await page.$$eval('.step.followed', (all) =>
    [...new Set(all.map(({ classList }) => classList[1]))].sort(),
  )
  assert.deepStrictEqual(lanes, ['page', 'server', 'store', 'wx', 'wxsession'])
  assert.match(await page.getAttribute('.link', 'd'), /^M.*L/)
})

test('the newest scene is shown, until somebody goes back or holds it', async (visitor) => {
  const { page } = visitor
  await visitor.play('cold')
  await visitor.play('restart')
  assert.strictEqual(await visitor.text('#place'), '3 of 3')
  await page.click('#earlier')
  await page.waitForFunction(() => document.getElementById('run-title').textContent === '20 at once')
  await page.click('#pause')
  await visitor.play('restart')
  assert.strictEqual(await visitor.text('#run-title'), '20 at once')
  await page.click('#pause')
  await page.waitForFunction(() => document.getElementById('run-title').textContent === 'Restart')
  await page.click('#clear')
  await page.waitForFunction(() => document.getElementById('place').textContent === '0 of 0')
})

test('history is bounded', async (visitor) => {
  for (let time = 0; time < 14; time++) await visitor.order('list')
  assert.strictEqual(await visitor.text('#place'), '12 of 12')
})

test('a scene that was cleared in the middle is not held to what the whole takes', async (visitor) => {
  const { page } = visitor
  await page.click('[data-scene=slow]')
  await page.waitForFunction(() => document.querySelector('[data-count=logins] b').textContent === '1')
  await page.click('#clear')
  await visitor.isOver()
  assert.strictEqual(await page.locator('#counters .wrong').count(), 0)
})
