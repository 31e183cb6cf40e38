/* The race: another client does the same beside ours, as real code against a real server. */
'use strict'

const { readFileSync } = require('fs')
const { join } = require('path')
const { expect, test } = require('./visitor')

const ROOT = join(__dirname, '../..')

for (const rival of ['hand-written', 'alova', 'luch-request']) {
  test(`twenty late refusals cost ${rival} several sign-ins, and wxsession one`, async ({ page, visitor }) => {
    await page.evaluate((rival) => localStorage.setItem('rival', rival), rival)
    await page.reload()
    await visitor.isReady()
    await visitor.play('late')
    expect((await visitor.counts()).logins).toEqual([1, true])
    const theirs = await visitor.countsOfRival()
    expect(theirs.logins).toBeGreaterThan(1)
    // The hand-written client renews for each refusal.
    if (rival === 'hand-written') expect(theirs.logins).toBe(20)
    expect(theirs.refusals).toBeGreaterThanOrEqual(20)
    expect(theirs.answers + theirs.lost).toBe(20)
    const name = await visitor.text(`[data-rival=${rival}]`)
    const rows = await visitor.tableWith((rows) => signIns(rows, name, 'server').length === theirs.exchanges)
    const codes = rows.filter((row) => row[1] === `${name}: WeChat` && row[2] === 'issues a code')
    expect(codes, 'codes that WeChat issued').toHaveLength(theirs.logins)
  })
}

/** @param {string[][]} rows @param {string} rival @param {string} lane */
const signIns = (rows, rival, lane) =>
  rows.filter((row) => row[1] === `${rival}: ${lane}` && /\/wx\/onlogin$/.test(row[2]))

test('the usual code is that of our guide, unchanged but for the address', async ({ page }) => {
  const guide = readFileSync(join(ROOT, 'js/docs/moving-from-wx-request.md'), 'utf8')
  const client = await (await page.request.get('/program/libraries/before.js')).text()
  const lines = client.split('\n').slice(2, -3)
  expect(lines.length).toBeGreaterThan(20)
  expect(guide).toContain(lines.join('\n'))
})

test('another rival races at once, and stays', async ({ page, visitor }) => {
  await visitor.play('cold')
  await page.click('[data-rival=alova]')
  await visitor.isOver()
  expect(await visitor.text('#run-title')).toBe('20 at once')
  // Without a session alova sends first, and signs in when the server has refused.
  expect((await visitor.countsOfRival()).refusals).toBe(20)
  await page.reload()
  await visitor.isReady()
  await visitor.play('cold')
  await expect(page.locator('[data-rival=alova]')).toHaveAttribute('aria-pressed', 'true')
})

test('what another client does evicts none of our sessions', async ({ page, visitor }) => {
  await visitor.play('cold')
  await visitor.play('restart')
  expect((await visitor.counts()).refusals).toEqual([0, true])
  await expect(page.locator('#rival')).toBeHidden()
})
