/* The timers of a phone, and those of its program. */
'use strict'

/**
 * Timers that stop firing when the program ends.
 *
 * @param {import('./platform/index').Timers} timers
 * @param {import('./background').Background} background
 * @returns {import('./platform/index').Timers}
 */
function livingTimers(timers, background) {
  return {
    setTimeout: (callback, milliseconds) =>
      timers.setTimeout(() => {
        if (!background.hasEnded()) callback()
      }, milliseconds),
    clearTimeout: timers.clearTimeout,
  }
}

/**
 * The program's timers: they wait while the program is suspended, and record what their callbacks throw.
 *
 * @param {ReturnType<typeof livingTimers>} timers
 * @param {import('./background').Background} background
 * @param {Array<{where: string, error: unknown}>} thrown
 */
function programTimers(timers, background, thrown) {
  const running = new Map()
  let last = 0

  function start(callback, milliseconds, again) {
    const id = ++last
    const fire = () =>
      background.run(() => {
        // The timer may have been cleared while the program was suspended.
        if (!running.has(id)) return
        if (again) running.set(id, timers.setTimeout(fire, milliseconds))
        else running.delete(id)
        try {
          callback()
        } catch (error) {
          thrown.push({ where: 'timer', error })
        }
      })
    running.set(id, timers.setTimeout(fire, milliseconds))
    return id
  }

  function clear(id) {
    if (running.has(id)) timers.clearTimeout(running.get(id))
    running.delete(id)
  }

  return {
    setTimeout: (callback, milliseconds, ...values) => start(() => callback(...values), milliseconds, false),
    setInterval: (callback, milliseconds, ...values) => start(() => callback(...values), milliseconds, true),
    clearTimeout: clear,
    clearInterval: clear,
  }
}

module.exports = { livingTimers, programTimers }
