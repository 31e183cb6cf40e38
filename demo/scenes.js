/* The scenes, each with the fewest calls that it takes. */
'use strict'

const accounts = require('./page/site/phone/accounts')
const { wait } = require('./report')
const { EXCHANGE } = require('./stage')

const REQUESTS = 20

/** Milliseconds beyond the idle timeout, so that the session has certainly expired when the requests arrive. */
const MARGIN = 500
/** Milliseconds between one refusal's arrival and the next one's. */
const SPREAD = 80
/** Milliseconds that wx.login takes, as on a phone, so that some refusals arrive during the sign-in. */
const SLOW_LOGIN = 400

module.exports = [
  {
    title: `Cold start: ${REQUESTS} requests at once, and nobody is signed in`,
    least: { logins: 1, exchanges: 1, requests: REQUESTS, refusals: 0, answers: REQUESTS },
    play: startAndOpenShop,
  },
  {
    title: `Restart: the same ${REQUESTS} requests, with the kept session`,
    least: { logins: 0, exchanges: 0, requests: REQUESTS, refusals: 0, answers: REQUESTS },
    play: startAndOpenShop,
  },
  {
    title: `Expiry: the session expires while ${REQUESTS} requests are on their way`,
    least: { logins: 1, exchanges: 1, requests: 2 * REQUESTS, refusals: REQUESTS, answers: REQUESTS },
    play: expire,
  },
  {
    title: 'Sign-out: the session ends here and on the server',
    least: { logins: 0, exchanges: 0, requests: 1, refusals: 0, answers: 0 },
    play: signOut,
  },
  ofAccounts('register', 'Registering: a guest stays the same user, and the second phone follows without a tap', {
    logins: 3,
    exchanges: 3,
    requests: 3,
    refusals: 0,
    answers: 3,
  }),
  ofAccounts('password', 'New password: the other phone is out, and comes back by the new password alone', {
    logins: 2,
    exchanges: 2,
    requests: 4,
    refusals: 2,
    answers: 3,
  }),
  ofAccounts('guess', 'Guessing: a stranger has to wait, and the owner signs in at once', {
    logins: 7,
    exchanges: 7,
    requests: 1,
    refusals: 6,
    answers: 1,
  }),
  ofAccounts('taken', 'Taken: neither the name nor the WeChat user of an account goes to another one', {
    logins: 2,
    exchanges: 1,
    // The login code beside what is linked.
    exchangesAtWeChat: 2,
    requests: 3,
    refusals: 2,
    answers: 2,
  }),
  ofAccounts('users', 'User database down: live sessions go on, a sign-in fails, and nobody becomes a guest', {
    logins: 2,
    exchanges: 2,
    requests: 7,
    refusals: 0,
    answers: 7,
  }),
]

/** A scene that the page plays as well. It says itself when something is not as it should be. */
function ofAccounts(name, title, least) {
  const { prepare, play } = accounts[name]
  return { title, least, prepare, play: (stage, remark, cast) => play(cast, stage) }
}

async function startAndOpenShop(stage) {
  stage.start()
  await stage.openShop(REQUESTS)
}

/**
 * All requests leave with a live session and travel for longer than the idle timeout, so that the server refuses each.
 * The refusals arrive one after another, during the sign-in that the first one causes and after it.
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
    // A resend. Calls that waited for the sign-in go in one turn, the others when their refusal arrives.
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
  const code = await stage.openShop(1)
  remark(code === 'signed_out', `the app's next request fails without being sent: ${code}`)
  // That the app signed out stays in storage, without an id.
  const kept = Array.from(stage.phone().shelf.values()).filter((value) => value.includes('"id"')).length
  remark(kept === 0, `sessions left in the phone's storage: ${kept}`)
}
