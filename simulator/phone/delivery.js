/* How wx calls back: success or fail, then complete. The test decides in which turn and how often. */
'use strict'

/**
 * @typedef {object} Twist How a hook changes one call.
 * @property {number} [delay] Milliseconds before wx acts on the call.
 * @property {number} [late] Milliseconds by which the finished answer is delayed.
 * @property {number} [times] How often the callbacks run. Default 1.
 * @property {boolean} [sameTick] Callbacks may run before the call returns. Default: the phone's `sameTick`.
 * @property {unknown} [fail] The call fails, and `fail` gets exactly this value.
 * @property {any} [answer] For wx.login, what `success` gets. For other calls, a backend's response, used instead of
 *   the network's.
 * @property {number} [eventTimes] wx.connectSocket: how often each event is emitted. Default 1.
 */

/**
 * @param {{timers: {setTimeout: Function}, sameTick: boolean, background: import('./background').Background,
 *   thrown: Array<{where: string, error: any}>}} phone
 */
function createDelivery({ timers, sameTick, background, thrown }) {
  /** Calls into the program. An exception there does not break wx. */
  function call(where, callback, value) {
    if (typeof callback !== 'function') return
    background.run(() => {
      try {
        callback(value)
      } catch (error) {
        thrown.push({ where, error })
      }
    })
  }

  /**
   * @param {string} name The wx method.
   * @param {import('./transfer').Options} options The caller's, with its callbacks.
   * @param {'success' | 'fail'} kind
   * @param {unknown} result
   * @param {{twist: Twist, inCall: boolean, claim?: () => boolean}} how `inCall`: the wx method has not returned
   *   yet. `claim` returns false if something else has been delivered in the meantime.
   */
  function deliver(name, options, kind, result, { twist, inCall, claim }) {
    const run = () => {
      if (claim && !claim()) return
      const times = twist.times === undefined ? 1 : twist.times
      for (let time = 0; time < times; time++) {
        call(`${name}:${kind}`, options[kind], result)
        call(`${name}:complete`, options.complete, result)
      }
    }
    const atOnce = twist.sameTick === undefined ? sameTick : twist.sameTick
    if (twist.late > 0) timers.setTimeout(run, twist.late)
    else if (inCall && !atOnce) timers.setTimeout(run, 0)
    else run()
  }

  /** Begins a call, now or after the test's delay. */
  function start(twist, begin) {
    if (twist.delay > 0) timers.setTimeout(begin, twist.delay)
    else begin()
  }

  return { call, deliver, start }
}

module.exports = { createDelivery }
