/* The history, whose events come by two ways: from the phone, and from the server. */
'use strict'

const { expect, test } = require('./visitor')

test('a step of the server that is known before its run is in that run all the same', async ({ page }) => {
  const known = await page.evaluate(async () => {
    const path = '/runs.js'
    const { createRuns } = await import(path)
    const runs = createRuns()
    const step = (id, at, rival) => ({ id, rival, lane: 'server', what: 'GET /', at })
    runs.begin('prepare', 100)
    runs.step(step('there 1', 150))
    runs.step(step('there 2', 210))
    runs.step(step('there 3', 190))
    runs.begin('cold', 200, 'alova')
    runs.step({ ...step('there 2', 210), end: { took: 5, outcome: 'ok', said: '200' } })
    runs.step(step('there 4', 220, true))
    return runs.all.map(({ steps, rival }) => [[...steps.keys()], [...(rival?.steps.keys() || [])]])
  })
  expect(known).toEqual([
    [['there 1', 'there 3'], []],
    [['there 2'], ['there 4']],
  ])
})
