/* The buttons of the phone, and the one that resets everything. */
'use strict'

const { expect, test } = require('./visitor')

test('the phone launches, lists, uploads, signs out and in', async ({ page, visitor }) => {
  await visitor.order('launch')
  await expect(page.locator('#screen li')).toHaveCount(3)
  await visitor.order('upload')
  await expect(page.locator('#screen')).toHaveText(/on the server/)
  await visitor.tableWith((rows) =>
    rows.some((row) => row[1] === 'server' && row[2] === 'POST /files' && row[4] === 'done · 201'),
  )
  await visitor.order('signOut')
  expect(await visitor.state()).toBe('signed-out')
  await visitor.order('list')
  await expect(page.locator('#screen')).toHaveText(/signed_out/)
  expect((await visitor.counts()).requests[0]).toBe(0)
  await visitor.order('signIn')
  expect(await visitor.state()).toBe('signed-in')
  await visitor.order('list')
  await expect(page.locator('#screen li')).toHaveCount(3)
})

test('a user whose session was revoked signs in again by a button on the phone', async ({ page, visitor }) => {
  await visitor.play('revoke')
  await expect(page.locator('#screen')).toHaveText(/session_revoked/)
  await page.click('#screen button')
  await visitor.isOver()
  expect(await visitor.state()).toBe('signed-in')
  await expect(page.locator('#screen li')).toHaveCount(3)
})

test('after a scene about accounts the buttons are for its user, and the second phone goes', async ({
  page,
  visitor,
}) => {
  await visitor.play('register')
  await expect(page.locator('#other')).toBeVisible()
  await visitor.order('list')
  await expect(page.locator('#screen li')).toHaveCount(3)
  expect((await visitor.counts()).logins[0]).toBe(0)
  await expect(page.locator('#other')).toBeHidden()
  await visitor.order('signOut')
  expect(await visitor.state()).toBe('signed-out')
  await visitor.order('signIn')
  expect(await visitor.state()).toBe('signed-in')
})

test('reset ends a scene in the middle, and the next one is as the first', async ({ page, visitor }) => {
  const isSigningIn = page.waitForSelector('#state[data-state=signing-in]')
  await page.click('[data-scene=slow]')
  await isSigningIn
  await page.click('#reset')
  await visitor.isReady()
  expect(await visitor.text('#place')).toBe('1 of 1')
  expect(await visitor.text('#run-title')).toBe('First start')
  expect((await visitor.counts()).requests).toEqual([2, true])
  await visitor.play('cold')
  expect((await visitor.counts()).requests).toEqual([21, true])
})

test('a reset in the middle of another leaves one phone, and its counters right', async ({ page, visitor }) => {
  const hasBegun = page.waitForSelector('body[data-ready=false]')
  await page.evaluate(() => {
    for (let time = 0; time < 3; time++) document.getElementById('reset').click()
  })
  await hasBegun
  await visitor.isReady()
  await visitor.play('cold')
  expect((await visitor.counts()).answers).toEqual([20, true])
  expect(page.workers()).toHaveLength(1)
})
