/* Waiting for what can be observed. */
'use strict'

const { platform } = require('../../simulator/wx')

// In real milliseconds: less than a test may take, so that the test says what it waited for.
const PATIENCE = 8000

/** Lets timers, callbacks and promises that are due run. */
async function turns(number) {
  for (let turn = 0; turn < number; turn++) {
    await new Promise((resolve) => platform.timers.setTimeout(resolve, 0))
  }
}

/** Waits until a condition holds. */
async function until(condition) {
  const end = Date.now() + PATIENCE
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never came true: ${condition}`)
    await turns(1)
  }
}

/** Waits until a phone has nothing under way that the network or wx could still answer. */
async function quiet(phone) {
  await until(() => phone.requests.every(({ state }) => state === 'answered' || state === 'failed'))
  await turns(3)
}

/** Something that others wait for, and that the test lets come. */
function createGate() {
  let open
  const opened = new Promise((resolve) => { open = resolve })
  return { opened, open }
}

module.exports = { createGate, quiet, turns, until }
