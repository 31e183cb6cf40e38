/* The simulated wx in a browser's worker is the one that runs elsewhere. */
'use strict'

const assert = require('assert')
const { execFileSync } = require('child_process')
const { join } = require('path')
const { test } = require('./runner')

const TESTS = 'simulator/phone/test/all.js'

test('the simulated wx passes in a worker the tests that it passes in Node', async ({ page, complaints }) => {
  const printed = await page.evaluate(
    (tests) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(`/simulator/phone/browser.js?program=/${tests}`)
        const lines = []
        worker.onmessage = ({ data }) => ('exit' in data ? resolve(lines.join('\n')) : lines.push(data.print))
        worker.onerror = ({ message }) => reject(new Error(message))
      }),
    TESTS,
  )
  const inNode = execFileSync('node', [join(__dirname, '../..', TESTS)], { encoding: 'utf8' })
  assert.strictEqual(printed, inNode.trim())
  // Some of them ask for files that are not there.
  complaints.splice(0)
})

test('the module that runs is the one that ships, packed as it ships', async ({ page, url }) => {
  const response = page.waitForResponse(/wxsession\.wasm$/)
  await page.reload()
  const { status, headers } = await response.then(async (answer) => ({
    status: answer.status(),
    headers: await answer.allHeaders(),
  }))
  assert.strictEqual(status, 200, url)
  assert.strictEqual(headers['content-encoding'], 'br')
})
