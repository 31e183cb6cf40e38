/* Waiting for what can be observed. */
'use strict'

const { platform } = require('../../simulator/phone')

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

/** Waits until a phone has nothing under way that could still be answered before time passes. */
async function quiet({ clock, phone }) {
  const isOver = ({ state }) => state === 'answered' || state === 'failed'
  // Twice, for what comes of the last answer.
  for (let time = 0; time < 2; time++) {
    await until(() => clock.isStill() && transfers(phone).every(isOver))
    await turns(2)
  }
}

const transfers = ({ requests, uploads, downloads }) => requests.concat(uploads, downloads)

/** Something that others wait for, and that the test lets come. */
function createGate() {
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })
  return { opened, open }
}

module.exports = { createGate, quiet, turns, until }
