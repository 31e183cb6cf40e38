/* wx runs ten transfers at once, over requests, uploads and downloads together; the rest queue. */
'use strict'

/** @param {number} width */
function createLanes(width) {
  /** @type {Array<() => void>} */
  const waiting = []
  let busy = 0

  /**
   * Starts a transfer now, or when a lane is free.
   * @param {() => void} start
   * @returns {() => void} Leaves the lane, or the queue; more than once does nothing.
   */
  function enter(start) {
    let place = 'waiting'
    const begin = () => {
      busy++
      place = 'running'
      start()
    }
    const leave = () => {
      const before = place
      place = 'gone'
      if (before === 'waiting') waiting.splice(waiting.indexOf(begin), 1)
      if (before === 'running') {
        busy--
        if (waiting.length > 0) waiting.shift()()
      }
    }
    if (busy < width) begin()
    else waiting.push(begin)
    return leave
  }

  return { enter }
}

module.exports = { createLanes }
