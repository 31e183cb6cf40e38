/* Runs the tests, each with a visitor of its own, who is content only if the browser did not complain. */
'use strict'

const assert = require('assert')
const { parseArgs } = require('util')
const { chromium } = require('playwright-core')
const { Visitor } = require('./visitor')

/** Generous: the machine may be slow, and have other work to do. */
const PATIENCE = 60000

const text = { type: 'string' }
const { values: settings } = parseArgs({ options: { url: text, browser: text } })
const tests = []

/**
 * @param {string} name A sentence.
 * @param {(visitor: Visitor) => Promise<void>} body
 * @param {object} [looks] How the visitor's browser is: viewport, locale, colorScheme, reducedMotion.
 */
function test(name, body, looks = {}) {
  tests.push({ name, body, looks })
}

async function run() {
  // As root, which a container often is, Chromium has no sandbox.
  const browser = await chromium.launch({ executablePath: settings.browser, args: ['--no-sandbox'] })
  const waiting = tests.slice()
  const troubles = []
  // Two at a time, for most of a test is waiting. Each visitor has a world of their own.
  const take = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const trouble = await attempt(browser, next)
      if (trouble) troubles.push(`not ok: ${next.name}\n${trouble}`)
    }
  }
  await Promise.all([take(), take()])
  await browser.close()
  for (const trouble of troubles) console.log(trouble)
  console.log(`${tests.length - troubles.length} passed, ${troubles.length} failed`)
  process.exitCode = troubles.length > 0 ? 1 : 0
}

/** Gives what went wrong, if anything did. */
async function attempt(browser, { body, looks }) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 860 }, locale: 'en-GB', ...looks })
  context.setDefaultTimeout(PATIENCE)
  try {
    const visitor = await Visitor.come(context, settings.url)
    await body(visitor)
    assert.deepStrictEqual(visitor.complaints, [], 'the browser complains')
    return undefined
  } catch (error) {
    return error.stack
  } finally {
    await context.close()
  }
}

module.exports = { run, test }
