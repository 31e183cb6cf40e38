/* Waits for observable conditions. */
'use strict'

const { platform } = require('../../simulator/phone')

// Real milliseconds. Less than a test may take, so that its failure says what it waited for.
const PATIENCE = 8000

/** Runs the timers, callbacks and promises that are due. */
async function turns(number) {
  for (let turn = 0; turn < number; turn++) {
    await new Promise((resolve) => platform.timers.setTimeout(resolve, 0))
  }
}

/** Waits until a condition holds. */
async function until(condition) {
  const end = Date.now() + PATIENCE
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never held: ${condition}`)
    await turns(1)
  }
}

/** Waits until nothing more happens on a phone unless time passes. */
async function quiet({ clock, phone }) {
  const isOver = ({ state }) => state === 'answered' || state === 'failed'
  // Twice, because the last answer may have consequences.
  for (let time = 0; time < 2; time++) {
    await until(() => clock.isStill() && transfers(phone).every(isOver))
    await turns(2)
  }
}

const transfers = ({ requests, uploads, downloads }) => requests.concat(uploads, downloads)

/** A promise that the test resolves. */
function createGate() {
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })
  return { opened, open }
}

module.exports = { createGate, quiet, turns, until }
