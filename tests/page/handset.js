/* The buttons of the phone itself, and what brings everything back. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

test('the phone launches, lists, uploads, signs out and in', async (visitor) => {
  await visitor.order('launch')
  assert.strictEqual(await visitor.page.locator('#screen li').count(), 3)
  await visitor.order('upload')
  assert.match(await visitor.text('#screen'), /on the server/)
  await visitor.tableWith((rows) =>
    rows.some((row) => row[1] === 'server' && row[2] === 'POST /files' && row[4] === 'done · 201'),
  )
  await visitor.order('signOut')
  assert.strictEqual(await visitor.state(), 'signed-out')
  await visitor.order('list')
  assert.match(await visitor.text('#screen'), /signed_out/)
  assert.deepStrictEqual((await visitor.counts()).requests[0], 0)
  await visitor.order('signIn')
  assert.strictEqual(await visitor.state(), 'signed-in')
  await visitor.order('list')
  assert.strictEqual(await visitor.page.locator('#screen li').count(), 3)
})

test('a user whose session was revoked signs in again by a button on the phone', async (visitor) => {
  await visitor.play('revoke')
  assert.match(await visitor.text('#screen'), /session_revoked/)
  await visitor.page.click('#screen button')
  await visitor.isOver()
  assert.strictEqual(await visitor.state(), 'signed-in')
  assert.strictEqual(await visitor.page.locator('#screen li').count(), 3)
})

test('reset ends a scene in the middle, and the next one is as the first', async (visitor) => {
  await visitor.page.click('[data-scene=slow]')
  await visitor.page.waitForSelector('#state[data-state=signing-in]')
  await visitor.page.click('#reset')
  await visitor.isReady()
  assert.strictEqual(await visitor.text('#place'), '1 of 1')
  assert.strictEqual(await visitor.text('#run-title'), 'First start')
  assert.deepStrictEqual((await visitor.counts()).requests, [2, true])
  await visitor.play('cold')
  assert.deepStrictEqual((await visitor.counts()).requests, [21, true])
})

test('a reset in the middle of another leaves one phone, and its counters right', async (visitor) => {
  const { page } = visitor
  await page.evaluate(() => {
    for (let time = 0; time < 3; time++) document.getElementById('reset').click()
  })
  await page.waitForSelector('body[data-ready=false]')
  await visitor.isReady()
  await visitor.play('cold')
  assert.deepStrictEqual((await visitor.counts()).answers, [20, true])
  assert.strictEqual(page.workers().length, 1)
})
