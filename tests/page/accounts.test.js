/* The scenes about accounts: what each lane saw, and what both phones show. */
'use strict'

const { expect, test } = require('./visitor')

/** The user of a phone, as the app's backend sees it. @param {import('@playwright/test').Page} page @param {string} screen */
const userOn = (page, screen) => page.locator(`${screen} [data-user]`).getAttribute('data-user')

/** How often the answers of a lane have this outcome. @param {string[][]} rows @param {string} lane @param {string} outcome */
const times = (rows, lane, outcome) => rows.filter((row) => row[1] === lane && row[4] === outcome).length

/**
 * Waits until the server has told of answers with these outcomes.
 * @param {{tableWith(isComplete: (rows: string[][]) => boolean): Promise<string[][]>}} visitor
 * @param {{[outcome: string]: number}} answers
 */
async function serverTells(visitor, answers) {
  /** @param {string[][]} rows */
  const found = (rows) => Object.keys(answers).map((outcome) => times(rows, 'server', outcome))
  return visitor.tableWith((rows) => String(found(rows)) === String(Object.values(answers)))
}

test('a guest who registers stays the same user, on both phones', async ({ page, visitor }) => {
  await visitor.play('register')
  await expect(page.locator('#screen')).toHaveText(/^Signed in as l\*+/)
  await expect(page.locator('#other-screen')).toHaveText(/^Signed in as l\*+/)
  expect(await userOn(page, '#other-screen')).toBe(await userOn(page, '#screen'))
  const rows = await visitor.tableWith((rows) => times(rows, 'server', 'done · 200') === 6)
  const typed = rows.filter((row) => row[2] === 'session.login').map((row) => row[1])
  expect(typed, 'a tap on the second phone').toEqual(['page'])
})

test('a phone that a new password has ended comes back by that password alone', async ({ page, visitor }) => {
  await visitor.play('password')
  await serverTells(visitor, { 'refused · 401 session_revoked': 1, 'refused · 401 credentials_wrong': 1 })
  const rows = await visitor.table()
  const asked = rows.filter((row) => row[1] === 'phone 2').map((row) => [row[2], row[4]])
  expect(asked).toEqual([
    ['request GET /wx/account', 'refused · 401'],
    ['request GET /wx/account', 'failed · session_revoked'],
    ['session.login', 'failed · credentials_wrong'],
    ['session.login', 'done'],
    ['request GET /wx/account', 'done · 200'],
  ])
  expect(await userOn(page, '#other-screen')).toBe(await userOn(page, '#screen'))
})

test('a stranger who guesses has to wait, and the owner has not', async ({ page, visitor }) => {
  await visitor.play('guess')
  await serverTells(visitor, { 'refused · 401 credentials_wrong': 5, 'refused · 429 rate_limited': 1 })
  await expect(page.locator('#other-screen')).toHaveText(/rate_limited$/)
  await expect(page.locator('#screen')).toHaveText(/^Signed in as l\*+/)
})

test('what is taken stays where it is, and the phone names three remedies', async ({ page, visitor }) => {
  await visitor.play('taken')
  await serverTells(visitor, { 'refused · 409 identity_taken': 2 })
  await expect(page.locator('#other-screen')).toHaveText(
    /Sign in to that one .* unlink it there, or delete that account/,
  )
  await expect(page.locator('#screen')).toHaveText(/^Signed in as l\*+/)
})

test('while the user database is away nobody is signed out, and nobody becomes a guest', async ({ visitor }) => {
  await visitor.play('users')
  const rows = await serverTells(visitor, { 'done · 200': 8, 'failed · 503 accounts_unavailable': 1 })
  expect(rows.filter((row) => row[4].includes('401'))).toEqual([])
  expect(rows.filter((row) => row[1] === 'user db').map((row) => [row[2], row[4]])).toEqual([
    ['hook: silent sign-in', 'done · a user'],
  ])
})

test('scenes about sessions are the visitor’s again, with the session that was kept', async ({ page, visitor }) => {
  await visitor.play('register')
  // The administrator ends the visitor's sessions, not those of the account.
  await visitor.play('revoke')
  expect((await visitor.counts()).refusals).toEqual([6, true])
  expect((await visitor.counts()).logins).toEqual([0, true])
  await expect(page.locator('#other')).toBeHidden()
})
