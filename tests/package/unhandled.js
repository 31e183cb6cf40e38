/* Promises that were rejected while nobody listened: each engine has its own way to tell. */
'use strict'

const { turns } = require('./waiting')

/* global process, setUnhandledRejectionCallback */

let unhandled = []
const note = (reason) => unhandled.push(reason)

if (typeof process !== 'undefined') {
  process.on('unhandledRejection', note)
} else {
  setUnhandledRejectionCallback((promise, reason) => note(reason))
}

/** What has not been handled since the last time, and is forgotten now. */
async function takeUnhandled() {
  // The engines tell at the end of a turn.
  await turns(2)
  const taken = unhandled
  unhandled = []
  return taken
}

module.exports = { takeUnhandled }
