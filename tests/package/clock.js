/*
 * A phone's clock. It stands still until the test lets time pass, so that no timer fires early, however slow the machine
 * is. Timers of zero milliseconds run by themselves, in a later turn.
 */
'use strict'

const { platform } = require('../../simulator/phone')
const { turns } = require('./waiting')

const START = 1700000000000

function createClock() {
  let time = START
  const pending = new Set()
  const soon = new Set()

  function setTimeout(callback, milliseconds) {
    if (!(milliseconds > 0)) return setSoon(callback)
    const timer = { due: time + milliseconds, callback }
    pending.add(timer)
    return timer
  }

  function setSoon(callback) {
    const timer = {}
    soon.add(timer)
    timer.native = platform.timers.setTimeout(() => {
      soon.delete(timer)
      callback()
    }, 0)
    return timer
  }

  function clearTimeout(timer) {
    if (!timer) return
    pending.delete(timer)
    if (soon.delete(timer)) platform.timers.clearTimeout(timer.native)
  }

  /** Lets time pass. Timers that fall due fire in order. */
  async function pass(milliseconds) {
    const end = time + milliseconds
    while (await next(end));
    time = end
  }

  /** Lets time pass until the next timer, if it is due before `end`. Returns whether there was one. */
  async function next(end) {
    const timer = earliest(end === undefined ? Infinity : end)
    if (!timer) return false
    time = Math.max(time, timer.due)
    pending.delete(timer)
    timer.callback()
    await turns(2)
    return true
  }

  function earliest(end) {
    const due = Array.from(pending).filter((timer) => timer.due <= end)
    // Engines without a stable sort still sort short arrays stably.
    return due.sort((one, other) => one.due - other.due)[0]
  }

  return {
    timers: { setTimeout, clearTimeout },
    now: () => time,
    /** Whether nothing happens before time passes. */
    isStill: () => soon.size === 0,
    next,
    pass,
    /** Time passes in the background, where no timer runs: those that fall due run late. */
    oversleep(milliseconds) {
      time += milliseconds
    },
    /** Sets the clock, as the user or the network does. No time passes. */
    jump(milliseconds) {
      time += milliseconds
      for (const timer of pending) timer.due += milliseconds
    },
  }
}

module.exports = { createClock }
