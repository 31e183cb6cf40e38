/* The scene about a thief: what is refused, by whom and at what cost, and what the page does not promise. */
'use strict'

const { expect, test } = require('./visitor')

test('what a thief sends is refused, each time for another reason, and the owner goes on', async ({
  page,
  visitor,
}) => {
  await visitor.play('thief')
  const rows = await visitor.serverHasTold(8)
  /** @param {string} lane */
  const told = (lane) => rows.filter((row) => row[1] === lane).map((row) => row.slice(2, 5))
  expect(told('thief')).toEqual([
    ['the id alone', 'T1', 'refused · 403 proof_missing'],
    ['a captured order again', 'T2', 'refused · 403 proof_replayed'],
    ['another body and its digest', 'T3', 'refused · 403 proof_invalid'],
    ['changes a body on its way', 'T4', 'done'],
    ['a captured request, an hour later', 'T5', 'refused · 403 proof_late'],
  ])
  expect(told('page').map(([what, , outcome]) => [what, outcome])).toEqual([
    ['request GET /wx/products/list', 'done · 200'],
    ['request POST /orders', 'done · 201'],
    ['request POST /orders', 'refused · 400'],
    ['request GET /wx/products/list', 'done · 200'],
  ])
  // Nobody can load the store without the key.
  const reads = rows.filter((row) => row[1] === 'store' && ['T1', 'T3', 'T5'].includes(row[3]))
  expect(reads).toEqual([])
  expect((await visitor.counts()).logins, 'sign-ins that the thief causes').toEqual([0, true])
  await expect(page.locator('#run-look')).toHaveText(/Not stopped: .*sign-in.*GET for two minutes/)
})

test('neither the key nor a signature is on the page or in its events', async ({ page, visitor }) => {
  const [keys, signatures] = [new Set(), new Set()]
  page.on('request', (request) => {
    const { signature } = request.headers()
    if (signature) signatures.add(signature.slice(4, -1))
  })
  // Read on its way, because a browser keeps no answer for long.
  await page.route(/\/wx\/onlogin$/, async (route) => {
    const response = await route.fetch()
    const { key } = await response.json()
    if (key) keys.add(key)
    await route.fulfill({ response })
  })
  await visitor.play('thief')
  await page.click('#table')
  await page.waitForSelector('#calls table')
  expect(keys.size).toBeGreaterThan(0)
  expect(signatures.size).toBeGreaterThan(3)
  const shown = await page.content()
  for (const secret of [...keys, ...signatures]) expect(shown).not.toContain(secret)
})
