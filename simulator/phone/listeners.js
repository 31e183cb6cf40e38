/* The listeners of a task: `on…` and `off…` for each event. */
'use strict'

/**
 * @typedef {{[name: string]: (listener?: Function) => void}} Methods
 *
 * @param {ReturnType<typeof import('./delivery').createDelivery>} delivery
 * @param {string} name The wx method.
 * @param {string[]} events
 * @returns {{emit(event: string, value: unknown, times?: number): void, on: Methods, off: Methods}} `on` and `off` are
 *   methods for the task; one of `off` without a listener takes all of them away.
 */
function createListeners(delivery, name, events) {
  const listeners = {}
  const on = {}
  const off = {}
  for (const event of events) {
    listeners[event] = []
    on[`on${event}`] = (listener) => {
      if (typeof listener === 'function') listeners[event].push(listener)
    }
    off[`off${event}`] = (listener) => {
      listeners[event] = listener ? listeners[event].filter((kept) => kept !== listener) : []
    }
  }

  function emit(event, value, times = 1) {
    for (const listener of listeners[event].slice()) {
      for (let time = 0; time < times; time++) delivery.call(`${name}:on${event}`, listener, value)
    }
  }

  return { emit, on, off }
}

module.exports = { createListeners }
