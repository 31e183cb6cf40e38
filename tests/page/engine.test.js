/* The simulated wx and the module in a browser are the ones that run elsewhere. */
'use strict'

const { execFile } = require('child_process')
const { join } = require('path')
const { promisify } = require('util')
const { expect, test } = require('./visitor')

const TESTS = 'simulator/phone/test/all.js'

test('the simulated wx passes in a worker the tests that it passes in Node', async ({ page, visitor }) => {
  const inNode = promisify(execFile)('node', [join(__dirname, '../..', TESTS)])
  const inWorker = page.evaluate(
    (tests) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(`/simulator/phone/browser.js?program=/${tests}`)
        const lines = []
        worker.onmessage = ({ data }) => ('exit' in data ? resolve(lines.join('\n')) : lines.push(data.print))
        worker.onerror = ({ message }) => reject(new Error(message))
      }),
    TESTS,
  )
  expect(await inWorker).toBe((await inNode).stdout.trim())
  // Some tests ask for files that do not exist.
  visitor.complaints.length = 0
})

test('the module that runs is the one that ships, packed as it ships', async ({ page }) => {
  const response = page.waitForResponse(/wxsession\.wasm$/)
  await page.reload()
  const answer = await response
  expect(answer.status()).toBe(200)
  expect(await answer.headerValue('content-encoding')).toBe('br')
})
