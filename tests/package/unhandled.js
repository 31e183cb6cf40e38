/* Unhandled rejections, which each engine reports in its own way. */
'use strict'

const { turns } = require('./waiting')

/* global addEventListener, process, setUnhandledRejectionCallback */

let unhandled = []
const note = (reason) => unhandled.push(reason)

if (typeof process !== 'undefined') {
  process.on('unhandledRejection', note)
} else if (typeof addEventListener !== 'undefined') {
  addEventListener('unhandledrejection', ({ reason }) => note(reason))
} else {
  setUnhandledRejectionCallback((promise, reason) => note(reason))
}

/** Returns the unhandled rejections since the last call. */
async function takeUnhandled() {
  // Engines report them at the end of a turn.
  await turns(2)
  const taken = unhandled
  unhandled = []
  return taken
}

module.exports = { takeUnhandled }
