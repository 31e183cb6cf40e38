/* Runs tests one after the other. A test that hangs fails. */
'use strict'

const { platform } = require('../../simulator/phone')
const { only } = require('./arguments')
const { takeUnhandled } = require('./unhandled')

// Real milliseconds. A test takes a few, but the machine may be busy.
const DEADLINE = 60000

// If the package cannot be loaded, every test hangs and the run would take an hour.
const HANGING_IN_A_ROW = 5

const tests = []
let endings = []

/**
 * @param {string} topic The subject of the tests in one file.
 * @returns {(name: string, body: () => Promise<void>) => void} Adds a test; its name is a sentence.
 */
function group(topic) {
  return (name, body) => tests.push({ name: `${topic}: ${name}`, body })
}

/** Runs something after the current test. An exception in it fails the test. */
function afterwards(ending) {
  endings.unshift(ending)
}

/** @param {number} [deadline] For each test, in real milliseconds. */
async function run(deadline) {
  const chosen = tests.filter(({ name }) => name.indexOf(only) >= 0)
  let failed = 0
  let hanging = 0
  for (const { name, body } of chosen) {
    const isHopeless = hanging === HANGING_IN_A_ROW
    const problems = isHopeless
      ? [new Error('not run: too many tests hang')]
      : await problemsOf(body, deadline || DEADLINE)
    if (!isHopeless) hanging = problems.some(isLate) ? hanging + 1 : 0
    if (problems.length === 0) continue
    failed++
    platform.print(`not ok: ${name}\n${problems.map(shown).join('\n')}`)
  }
  platform.print(`${chosen.length - failed} passed, ${failed} failed`)
  platform.exit(failed > 0)
}

async function problemsOf(body, deadline) {
  const problems = []
  const note = (problem) => problems.push(problem)
  endings = []
  await within(deadline, body).catch(note)
  for (const ending of endings) await within(deadline, ending).catch(note)
  for (const reason of await takeUnhandled()) note(new Error(`unhandled rejection: ${reason}`))
  return problems
}

async function within(milliseconds, body) {
  let timer
  const late = new Promise((resolve, reject) => {
    const error = Object.assign(new Error(`did not end within ${milliseconds} ms`), { isLate: true })
    timer = platform.timers.setTimeout(() => reject(error), milliseconds)
  })
  try {
    await Promise.race([body(), late])
  } finally {
    platform.timers.clearTimeout(timer)
  }
}

function isLate(problem) {
  return Object(problem).isLate === true
}

function shown(problem) {
  const { message, stack } = Object(problem)
  // JavaScriptCore omits the message from the stack.
  const text = stack && stack.indexOf(message) >= 0 ? stack : `${message || problem}\n${stack || ''}`
  return text.replace(/^/gm, '    ')
}

module.exports = { afterwards, group, run }
