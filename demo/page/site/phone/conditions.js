/* The phone's network, storage and clock, for the hooks of the simulated wx. */
'use strict'

/** Milliseconds of a round trip, as on a phone in a town, and how much longer it may take. */
const USUAL = [70, 50]
const SLOW = [700, 150]
const LOGIN = 320

/** How many answers come one after another, and the milliseconds between two. */
const STAGGERED = 20
const SPREAD = 80

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
  /** Which burst of staggered answers this is, or 0. */
  let burst = 0
  let bursts = 0
  // Only wxsession reads this clock.
  Date.now = () => realNow() + ahead

  /** Differs from call to call but not from run to run, so that a screenshot can be repeated. */
  const takes = (number) => journey[0] + (((number * 37) % 100) / 100) * journey[1]
  const travel = ({ number }) =>
    isOffline ? { delay: 20, fail: OFFLINE } : { delay: takes(number), late: takes(number + 50) }

  return {
    /** A phone's. Each phone has its own, because each counts the calls of a burst. */
    createHooks() {
      let counted = 0
      let sent = 0
      return {
        login: () => ({ delay: journey === SLOW ? 3 * LOGIN : LOGIN }),
        request(entry) {
          const usual = travel(entry)
          if (!burst || /\/onlogin/.test(entry.path)) return usual
          if (counted !== burst) sent = 0
          counted = burst
          return sent < STAGGERED ? Object.assign(usual, { late: USUAL[0] + sent++ * SPREAD }) : usual
        },
        uploadFile: travel,
        storage(operation) {
          if (isFull && operation === 'set') throw Object.assign(new Error(FULL), { errMsg: FULL })
        },
      }
    },
    /** From now on, on each phone, the next twenty calls are answered one after another. */
    stagger() {
      burst = ++bursts
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
      burst = 0
      journey = USUAL
      isOffline = false
      isFull = false
      ahead = 0
    },
  }
}

module.exports = { createConditions }
