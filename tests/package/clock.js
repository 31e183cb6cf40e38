/*
 * A phone's clock: it stands still until the test lets time pass, so that nothing happens before its time,
 * however slow the machine is. Timers of zero milliseconds run by themselves, in a later turn.
 */
'use strict'

const { platform } = require('../../simulator/wx')
const { turns } = require('./waiting')

const START = 1700000000000

function createClock() {
  let time = START
  const pending = new Set()

  function setTimeout(callback, milliseconds) {
    if (!(milliseconds > 0)) return { native: platform.timers.setTimeout(callback, 0) }
    const timer = { due: time + milliseconds, callback }
    pending.add(timer)
    return timer
  }

  function clearTimeout(timer) {
    if (!timer) return
    pending.delete(timer)
    if (timer.native) platform.timers.clearTimeout(timer.native)
  }

  /** Lets time pass; what falls due on the way happens, in order. */
  async function pass(milliseconds) {
    const end = time + milliseconds
    for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
      time = timer.due
      pending.delete(timer)
      timer.callback()
      await turns(2)
    }
    time = end
  }

  function nextUntil(end) {
    const due = Array.from(pending).filter((timer) => timer.due <= end)
    // The sort is stable where it matters: engines without a stable one have it for short arrays.
    return due.sort((one, other) => one.due - other.due)[0]
  }

  return {
    timers: { setTimeout, clearTimeout },
    now: () => time,
    pass,
    /** The user, or the network, sets the clock: no time passes. */
    jump(milliseconds) {
      time += milliseconds
      for (const timer of pending) timer.due += milliseconds
    }
  }
}

module.exports = { createClock }
