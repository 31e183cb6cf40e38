/* The smallest test runner that works on all three engines. */
'use strict'

const { platform } = require('../index')

const PATIENCE = 10000
const tests = []

/** @param {string} name A sentence. @param {() => unknown} body May return a promise. */
function test(name, body) {
  tests.push({ name, body })
}

async function run() {
  let failed = 0
  for (const { name, body } of tests) {
    try {
      await within(PATIENCE, body())
    } catch (error) {
      failed++
      platform.print(`not ok: ${name}\n  ${error && error.message}\n  ${error && error.stack}`)
    }
  }
  platform.print(`${tests.length - failed} passed, ${failed} failed`)
  platform.exit(failed > 0)
}

function within(milliseconds, result) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`nothing happened within ${milliseconds} ms`))
    const timer = platform.timers.setTimeout(late, milliseconds)
    const stop = (settle) => (value) => {
      platform.timers.clearTimeout(timer)
      settle(value)
    }
    Promise.resolve(result).then(stop(resolve), stop(reject))
  })
}

/** Compares as JSON, but tells undefined from null. */
function equal(found, expected, what) {
  const shown = (value) => (value === undefined ? 'undefined' : JSON.stringify(value))
  if (shown(found) !== shown(expected)) {
    throw new Error(`${what ? `${what}: ` : ''}expected ${shown(expected)}, found ${shown(found)}`)
  }
}

function throws(body, pattern) {
  try {
    body()
  } catch (error) {
    if (!pattern.test(error.message)) throw new Error(`expected ${pattern}, thrown was ${error.message}`)
    return
  }
  throw new Error(`expected ${pattern}, nothing was thrown`)
}

const sleep = (milliseconds) => new Promise((resolve) => platform.timers.setTimeout(resolve, milliseconds))

/** Waits until a condition holds. The test's own deadline ends the wait. */
async function until(condition) {
  while (!condition()) await sleep(1)
}

module.exports = { equal, run, sleep, test, throws, until }
