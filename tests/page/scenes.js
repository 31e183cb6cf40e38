/* Every scene, and what its counters, its lanes, the state and the phone say afterwards. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

const least = (logins, exchanges, requests, refusals, answers) => ({ logins, exchanges, requests, refusals, answers })

/** @type {{[scene: string]: [object, string, string]}} Counts, state, what the phone shows. */
const SCENES = {
  cold: [least(1, 1, 21, 0, 20), 'signed-in', 'list'],
  restart: [least(0, 0, 6, 0, 6), 'signed-in', 'list'],
  expire: [least(1, 1, 41, 20, 20), 'signed-in', 'list'],
  revoke: [least(0, 0, 6, 6, 0), 'ended', 'trouble'],
  replace: [least(0, 0, 6, 6, 0), 'ended', 'trouble'],
  busy: [least(1, 2, 8, 0, 6), 'signed-in', 'list'],
  store: [least(0, 0, 12, 0, 6), 'signed-in', 'list'],
  offline: [least(0, 0, 13, 0, 6), 'signed-in', 'list'],
  slow: [least(1, 1, 7, 0, 6), 'signed-in', 'list'],
  abort: [least(1, 1, 4, 0, 3), 'signed-in', 'list'],
  storage: [least(2, 2, 14, 0, 12), 'signed-in', 'list'],
  clock: [least(2, 2, 14, 0, 12), 'signed-in', 'list'],
}

test('every scene is done with the least, one after another on the same phone', async (visitor) => {
  const buttons = await visitor.page.$$eval('#scenes button', (all) => all.map(({ dataset }) => dataset.scene))
  assert.deepStrictEqual(buttons, Object.keys(SCENES))
  for (const [scene, [counts, state, screen]] of Object.entries(SCENES)) {
    await visitor.play(scene)
    const right = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, [count, true]]))
    assert.deepStrictEqual(await visitor.counts(), right, scene)
    assert.strictEqual(await visitor.state(), state, scene)
    assert.strictEqual(await visitor.page.getAttribute('#screen', 'data-screen'), screen, scene)
    assert.strictEqual(await visitor.text('#trouble'), '', scene)
  }
})

test('twenty at once after an expiry are told by each lane as it saw them', async (visitor) => {
  await visitor.play('cold')
  await visitor.play('expire')
  const of = (rows, lane, what) => rows.filter((row) => row[1] === lane && row[2].startsWith(what)).map((row) => row[4])
  const rows = await visitor.tableWith((rows) => of(rows, 'server', 'GET /wx/products/list').length === 40)
  const counted = (outcomes) => {
    const counts = {}
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] || 0) + 1
    return counts
  }
  assert.deepStrictEqual(counted(of(rows, 'page', 'request')), { 'done · 200': 20 })
  assert.deepStrictEqual(counted(of(rows, 'wx', 'request')), { 'refused · 401': 20, 'done · 200': 20 })
  assert.deepStrictEqual(counted(of(rows, 'wx', 'wx.login')), { 'done · code': 1 })
  assert.deepStrictEqual(counted(of(rows, 'server', 'GET')), { 'refused · 401 session_expired': 20, 'done · 200': 20 })
  assert.deepStrictEqual(counted(of(rows, 'server', 'POST')), { 'done · 200': 1 })
  assert.deepStrictEqual(counted(of(rows, 'WeChat', 'code2Session')), { 'done · ok': 1 })
  assert.strictEqual(of(rows, 'store', 'swap').length > 0, true)
  assert.deepStrictEqual(counted(of(rows, 'wxsession', 'refused')), { 'done · sent': 20 })
})

test('a store that is away fails at the store and at the server, and nowhere is a 401', async (visitor) => {
  await visitor.play('store')
  const rows = await visitor.tableWith(
    (rows) => rows.filter((row) => row[4] === 'failed · 503 store_unavailable').length === 6,
  )
  assert.strictEqual(
    rows.some((row) => row[1] === 'store' && row[4] === 'failed · away'),
    true,
  )
  assert.strictEqual(
    rows.some((row) => row[4].includes('401')),
    false,
  )
})

test('only one scene is played at a time', async (visitor) => {
  const { page } = visitor
  // In one turn: a busy machine might take longer to click twice than the scene takes.
  await page.evaluate(() => {
    for (const scene of ['cold', 'slow']) document.querySelector(`[data-scene=${scene}]`).click()
  })
  await visitor.isOver()
  assert.strictEqual(await visitor.text('#run-title'), '20 at once')
})
