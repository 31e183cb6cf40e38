/* What the phone meets: its network, its storage and its clock. Hooks of the simulated wx ask here at each call. */
'use strict'

/** Milliseconds there and back, as on a phone in a town; the second number is how much more it may be. */
const USUAL = [70, 50]
const SLOW = [700, 150]
const LOGIN = 320

const OFFLINE = {
  errMsg: 'request:fail errcode:-106 cronet_error_code:-106 error_msg:net::ERR_INTERNET_DISCONNECTED',
  errno: 600001,
}
const FULL = 'setStorageSync:fail exceed storage max size 10Mb'

function createConditions() {
  const realNow = Date.now
  let journey = USUAL
  let isOffline = false
  let isFull = false
  let ahead = 0
  // wxsession reads this clock, and nothing else here does.
  Date.now = () => realNow() + ahead

  /** Differs from call to call and not from run to run, so that a picture can be taken twice. */
  const takes = (number) => journey[0] + (((number * 37) % 100) / 100) * journey[1]
  const travel = ({ number }) =>
    isOffline ? { delay: 20, fail: OFFLINE } : { delay: takes(number), late: takes(number + 50) }

  return {
    hooks: {
      login: () => ({ delay: journey === SLOW ? 3 * LOGIN : LOGIN }),
      request: travel,
      uploadFile: travel,
      storage(operation) {
        if (isFull && operation === 'set') throw Object.assign(new Error(FULL), { errMsg: FULL })
      },
    },
    slow() {
      journey = SLOW
    },
    offline(off) {
      isOffline = off
    },
    storageFull() {
      isFull = true
    },
    clockAhead(milliseconds) {
      ahead = milliseconds
    },
    restore() {
      journey = USUAL
      isOffline = false
      isFull = false
      ahead = 0
    },
  }
}

module.exports = { createConditions }
