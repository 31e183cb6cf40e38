/* The four scenes, each with the least that it can be done with. */
'use strict'

const { wait } = require('./account')
const { EXCHANGE } = require('./stage')

const REQUESTS = 20

/** Milliseconds, so that the last use of the session is surely over when the requests reach the server. */
const MARGIN = 500
/** Milliseconds between one refusal's arrival and the next one's. */
const SPREAD = 80
/** Milliseconds that wx.login takes, as it does on a phone: some refusals arrive meanwhile. */
const SLOW_LOGIN = 400

module.exports = [
  {
    title: `Cold start: ${REQUESTS} requests at once, and nobody is signed in`,
    least: { logins: 1, exchanges: 1, requests: REQUESTS, refusals: 0, answers: REQUESTS },
    play: startAndOpenShop,
  },
  {
    title: `Restart: the same ${REQUESTS} requests, with the session that was kept`,
    least: { logins: 0, exchanges: 0, requests: REQUESTS, refusals: 0, answers: REQUESTS },
    play: startAndOpenShop,
  },
  {
    title: `Expiry: the server lets the session go while ${REQUESTS} requests are on their way`,
    least: { logins: 1, exchanges: 1, requests: 2 * REQUESTS, refusals: REQUESTS, answers: REQUESTS },
    play: expire,
  },
  {
    title: 'Sign-out: the session ends here and on the server',
    least: { logins: 0, exchanges: 0, requests: 1, refusals: 0, answers: 0 },
    play: signOut,
  },
]

async function startAndOpenShop(stage) {
  stage.start()
  await stage.openShop(REQUESTS)
}

/**
 * All requests leave with a live session and travel for longer than the server keeps it unused. So each is refused,
 * and the refusals come back one after another: during the sign-in that the first one causes, and after it.
 */
async function expire(stage, remark) {
  const { hooks } = stage.phone()
  const journey = stage.idleTimeout + MARGIN
  let sent = 0
  let during = 0
  let after = 0
  let isRenewed = false

  hooks.login = () => ({ delay: SLOW_LOGIN })
  hooks.request = ({ path }) => {
    if (path === EXCHANGE) return undefined
    if (sent < REQUESTS) return { delay: journey, late: sent++ * SPREAD }
    // Sent again: those that waited for the sign-in all in one turn, the others whenever their refusal arrives.
    if (isRenewed) after++
    else during++
    setImmediate(() => {
      isRenewed = true
    })
    return undefined
  }
  const seconds = (journey + SPREAD * (REQUESTS - 1)) / 1000
  await wait(`on their way and back, about ${Math.round(seconds)} s`, stage.openShop(REQUESTS))
  remark(during > 1 && after > 1, `refusals that arrived during the sign-in: ${during}, and after it: ${after}`)
}

async function signOut(stage, remark) {
  const id = stage.sessionInUse()
  const before = await stage.askBare(id)
  await stage.phone().require('./session').logout()
  const after = await stage.askBare(id)
  remark(
    before.status === 200 && after.status === 401,
    `the session id sent by hand: HTTP ${before.status} before, HTTP ${after.status} ${after.code} after`,
  )
  const code = await stage.openShop(1).then(
    () => 'no error',
    (error) => error.code,
  )
  remark(code === 'signed_out', `the app's next request is not sent and fails: ${code}`)
  remark(stage.phone().shelf.size === 0, `sessions left in the phone's storage: ${stage.phone().shelf.size}`)
}
