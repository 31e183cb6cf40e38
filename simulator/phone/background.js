/* Whether a program runs: it does, it stands still in the background, or it has ended. */
'use strict'

/** @typedef {ReturnType<typeof createBackground>} Background */

function createBackground() {
  /** @type {Array<() => void>} What waits for the program to wake. */
  const waiting = []
  let state = 'running'

  return {
    /** Calls into the program: now, when it wakes, or never. */
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
      // It may fall asleep again, or end, in between.
      while (state === 'running' && waiting.length > 0) waiting.shift()()
    },
    end() {
      state = 'ended'
    },
    hasEnded: () => state === 'ended',
  }
}

module.exports = { createBackground }
