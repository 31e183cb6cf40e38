/* How wx calls back: success or fail, then complete; in which turn, and how often, is up to the test. */
'use strict'

/**
 * @typedef {object} Twist What a hook makes of one call. Everything may be left out.
 * @property {number} [delay] Milliseconds before wx acts on the call.
 * @property {number} [late] Milliseconds that the finished answer is held back.
 * @property {number} [times] How often the callbacks run: 0 is never. Default 1.
 * @property {boolean} [sameTick] Callbacks may run before the call returns. Default: as the phone has it.
 * @property {unknown} [fail] The call fails, and `fail` is given exactly this.
 * @property {any} [answer] wx.login: what `success` is given. The others: a backend's response, which takes the
 *   place of the network's.
 * @property {number} [eventTimes] wx.connectSocket: how often each event is told. Default 1.
 */

/**
 * @param {{timers: {setTimeout: Function}, sameTick: boolean, background: import('./background').Background,
 *   thrown: Array<{where: string, error: any}>}} phone
 */
function createDelivery({ timers, sameTick, background, thrown }) {
  /** Calls into the program, which cannot break wx by throwing. */
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
   * @param {string} name Of the wx method.
   * @param {import('./transfer').Options} options The caller's, with its callbacks.
   * @param {'success' | 'fail'} kind
   * @param {unknown} result
   * @param {{twist: Twist, inCall: boolean, claim?: () => boolean}} how `inCall`: the wx method has not returned
   *   yet. `claim`: false where something else has been delivered meanwhile.
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

  /** Acts on a call: now, or after the test's delay. */
  function start(twist, begin) {
    if (twist.delay > 0) timers.setTimeout(begin, twist.delay)
    else begin()
  }

  return { call, deliver, start }
}

module.exports = { createDelivery }
