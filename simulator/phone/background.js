/* Whether a program runs, is suspended in the background, or has ended. */
'use strict'

/** @typedef {ReturnType<typeof createBackground>} Background */

function createBackground() {
  /** @type {Array<() => void>} Calls that wait until the program wakes. */
  const waiting = []
  let state = 'running'

  return {
    /** Calls into the program: now, when it wakes, or never if it has ended. */
    run(act) {
      if (state === 'running') act()
      else if (state === 'asleep') waiting.push(act)
    },
    sleep() {
      if (state === 'running') state = 'asleep'
    },
    wake() {
      if (state !== 'asleep') return
      state = 'running'
      // A call may suspend the program again, or end it.
      while (state === 'running' && waiting.length > 0) waiting.shift()()
    },
    end() {
      state = 'ended'
    },
    hasEnded: () => state === 'ended',
  }
}

module.exports = { createBackground }
