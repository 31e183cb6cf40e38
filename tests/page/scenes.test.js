/* Every scene, and the counters, lanes, state and phone afterwards. */
'use strict'

const { expect, test } = require('./visitor')

/** @param {number} logins @param {number} exchanges @param {number} requests @param {number} refusals @param {number} answers */
const least = (logins, exchanges, requests, refusals, answers) => ({ logins, exchanges, requests, refusals, answers })

/** @type {{[scene: string]: [object, string, string, string?]}} Counts, state, and what the phone shows, and the other one. */
const SCENES = {
  cold: [{ ...least(1, 1, 21, 0, 20), lost: 0 }, 'signed-in', 'list'],
  late: [{ ...least(1, 1, 41, 20, 20), lost: 0 }, 'signed-in', 'list'],
  expire: [{ ...least(1, 1, 41, 20, 20), lost: 0 }, 'signed-in', 'list'],
  thief: [least(0, 0, 4, 5, 3), 'signed-in', 'list'],
  restart: [least(0, 0, 6, 0, 6), 'signed-in', 'list'],
  revoke: [least(0, 0, 6, 6, 0), 'ended', 'trouble'],
  replace: [least(0, 0, 6, 6, 0), 'ended', 'trouble'],
  busy: [least(1, 2, 8, 0, 6), 'signed-in', 'list'],
  store: [least(0, 0, 12, 0, 6), 'signed-in', 'list'],
  offline: [least(0, 0, 13, 0, 6), 'signed-in', 'list'],
  slow: [least(1, 1, 7, 0, 6), 'signed-in', 'list'],
  abort: [least(1, 1, 4, 0, 3), 'signed-in', 'list'],
  storage: [least(2, 2, 14, 0, 12), 'signed-in', 'list'],
  clock: [least(2, 2, 14, 0, 12), 'signed-in', 'list'],
  register: [least(3, 3, 6, 0, 3), 'signed-in', 'account', 'account'],
  password: [least(2, 2, 6, 2, 3), 'signed-in', 'account', 'account'],
  guess: [least(7, 7, 8, 6, 1), 'signed-in', 'account', 'trouble'],
  taken: [least(2, 1, 4, 2, 2), 'signed-in', 'account', 'trouble'],
  users: [least(2, 2, 9, 0, 7), 'signed-in', 'list', 'list'],
}

test('every scene is done with the least, one after another on the same phone', async ({ page, visitor }) => {
  const buttons = await page.locator('#scenes button').evaluateAll((all) => all.map(({ dataset }) => dataset.scene))
  expect(buttons).toEqual(Object.keys(SCENES))
  for (const [scene, [counts, state, screen, otherScreen]] of Object.entries(SCENES)) {
    await visitor.play(scene)
    const right = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, [count, true]]))
    expect(await visitor.counts(), scene).toEqual(right)
    expect(await visitor.state(), scene).toBe(state)
    expect(await page.getAttribute('#screen', 'data-screen'), scene).toBe(screen)
    const other = page.locator('#other')
    await expect(other, scene).toBeVisible({ visible: otherScreen !== undefined })
    if (otherScreen) await expect(page.locator('#other-screen'), scene).toHaveAttribute('data-screen', otherScreen)
    expect(await visitor.text('#trouble'), scene).toBe('')
  }
})

/** The outcomes of the calls in a lane. @param {string[][]} rows @param {string} lane @param {string} call */
const outcomes = (rows, lane, call) =>
  rows.filter((row) => row[1] === lane && row[2].startsWith(call)).map((row) => row[4])

/** How often each text is there. @param {string[]} texts */
function counted(texts) {
  /** @type {{[text: string]: number}} */
  const counts = {}
  for (const text of texts) counts[text] = (counts[text] || 0) + 1
  return counts
}

test('twenty at once after an expiry are told by each lane as it saw them', async ({ visitor }) => {
  await visitor.play('cold')
  await visitor.play('expire')
  const rows = await visitor.tableWith((rows) => outcomes(rows, 'server', 'GET /wx/products/list').length === 40)
  /** @param {string} lane @param {string} call */
  const counts = (lane, call) => counted(outcomes(rows, lane, call))
  expect(counts('page', 'request')).toEqual({ 'done · 200': 20 })
  expect(counts('wx', 'request')).toEqual({ 'refused · 401': 20, 'done · 200': 20 })
  expect(counts('wx', 'wx.login')).toEqual({ 'done · code': 1 })
  expect(counts('server', 'GET')).toEqual({ 'refused · 401 session_expired': 20, 'done · 200': 20 })
  expect(counts('server', 'POST')).toEqual({ 'done · 200': 1 })
  expect(counts('WeChat', 'code2Session')).toEqual({ done: 1 })
  expect(outcomes(rows, 'store', 'swap')).not.toEqual([])
  expect(counts('wxsession', 'refused')).toEqual({ 'done · sent': 20 })
})

test('a store that is away fails at the store and at the server, and nowhere is a 401', async ({ visitor }) => {
  await visitor.play('store')
  const rows = await visitor.tableWith(
    (rows) => rows.filter((row) => row[4] === 'failed · 503 store_unavailable').length === 6,
  )
  expect(outcomes(rows, 'store', '')).toContain('failed · unavailable')
  expect(rows.filter((row) => row[4].includes('401'))).toEqual([])
})

test('only one scene is played at a time, and what is pressed meanwhile is the next', async ({ page, visitor }) => {
  const isNext = page.waitForSelector('[data-scene=abort].waiting')
  // In one turn, because on a busy machine the scene might end before a second click.
  await page.evaluate(() => {
    for (const scene of ['restart', 'slow', 'abort']) {
      const button = /** @type {HTMLElement} */ (document.querySelector(`[data-scene=${scene}]`))
      button.click()
    }
  })
  await isNext
  await visitor.isOver()
  expect(await visitor.text('#run-title')).toBe('Abort')
  await expect(page.locator('#place')).toHaveText('3 of 3')
})

test('what is pressed while the page is loading is played as soon as it can be', async ({ page, visitor }) => {
  /** @type {(value?: unknown) => void} */
  let release = () => {}
  const released = new Promise((resolve) => {
    release = resolve
  })
  await page.route('**/worlds', async (route) => {
    await released
    await route.continue()
  })
  await page.reload()
  await page.click('[data-scene=restart]')
  await expect(page.locator('[data-scene=restart]')).toHaveClass(/waiting/)
  release()
  await expect(page.locator('#run-title')).toHaveText('Restart')
  await visitor.isOver()
  expect((await visitor.counts()).requests).toEqual([6, true])
})
