/*
 * A phone's time, and chance. No timer runs by itself, not even one of zero milliseconds: a storm takes the same course
 * each time it is repeated, however busy the machine is, so that it can be shrunk.
 */
'use strict'

const START = 1700000000000

/** Runs everything that needs no timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

function createTime() {
  const pending = new Set()
  let now = START
  let last = 0

  function setTimeout(callback, milliseconds) {
    const timer = { due: now + Math.max(0, milliseconds || 0), order: ++last, callback }
    pending.add(timer)
    return timer
  }

  /** Lets time pass. Timers that fall due run in order. */
  async function pass(milliseconds) {
    const end = now + milliseconds
    await settled()
    for (let timer = earliest(end); timer; timer = earliest(end)) {
      now = Math.max(now, timer.due)
      pending.delete(timer)
      timer.callback()
      await settled()
    }
    now = end
  }

  function earliest(end) {
    let first
    for (const timer of pending) {
      const isEarlier = !first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)
      if (timer.due <= end && isEarlier) first = timer
    }
    return first
  }

  return {
    timers: { setTimeout, clearTimeout: (timer) => pending.delete(timer) },
    now: () => now,
    pass,
    /** Sets the clock, as the user or the network does. No time passes. */
    jump(milliseconds) {
      now += milliseconds
      for (const timer of pending) timer.due += milliseconds
    },
    /** Time passes in the background, where no timer runs. */
    oversleep(milliseconds) {
      now += milliseconds
    },
  }
}

/** Pseudo-random numbers from 0 to 1. */
function createChance() {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

module.exports = { createChance, createTime }
