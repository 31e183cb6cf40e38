/* Plays one scene or order at a time. What is pressed meanwhile is played next, also while the page is still loading. */

/** @param {{begin(order: string): void, changed(): void}} on */
export function createPlayer(on) {
  let isReady = false
  /** @type {string | undefined} */
  let playing
  /** Only the last one pressed. @type {string | undefined} */
  let waiting

  function next() {
    if (!isReady || playing || !waiting) return
    playing = waiting
    waiting = undefined
    on.begin(playing)
  }

  return {
    playing: () => playing,
    waiting: () => waiting,
    /** Whether nothing is played or about to be. */
    isIdle: () => isReady && !playing && !waiting,
    play(order) {
      waiting = order
      next()
      on.changed()
    },
    over() {
      playing = undefined
      next()
    },
    /** The world is there: this is played before what was pressed meanwhile. */
    ready(first) {
      isReady = true
      const pressed = waiting
      waiting = first
      next()
      waiting = pressed
    },
    reset() {
      isReady = false
      playing = waiting = undefined
    },
  }
}
