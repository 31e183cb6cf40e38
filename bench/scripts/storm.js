/*
 * Counts what twenty calls at once take, on a simulated phone with a backend that accepts each code once:
 *   node bench/scripts/storm.js --program FOLDER --library NAME
 *
 * Time is simulated, so the counts are the same on every machine and in every run.
 */
'use strict'

const { createMemoryNetwork, platform, startPhone } = require('../../simulator/phone')
const { createBackend } = require('../../tests/package/backend')
const { createClock } = require('../../tests/package/clock')
const { turns } = require('../../tests/package/waiting')
const { inEveryProtocol } = require('./answers')
const { argument, report } = require('./engine')

const CALLS = 20
/** Milliseconds of wx.login, and of an exchange. */
const LOGIN = 400
const EXCHANGE = 50
/** Milliseconds of the other answers, and between two staggered ones. */
const ANSWER = 50
const SPREAD = 80
/** Milliseconds after which a call without an answer counts as lost: wx's own timeout. */
const PATIENCE = 60000
/** Calls of wx.request after which a storm counts as endless. */
const ENDLESS = 1000

const SCENES = {
  cold: { delayOf: () => ANSWER },
  together: { isSignedIn: true, delayOf: () => ANSWER },
  staggered: { isSignedIn: true, delayOf: (place) => ANSWER + place * SPREAD },
}

async function main() {
  const library = argument('library')
  const scenes = {}
  for (const scene of Object.keys(SCENES)) scenes[scene] = await play(library, SCENES[scene])
  report({ library, scenes })
}

async function play(name, { isSignedIn, delayOf }) {
  const world = await start(name)
  const { backend, phone } = world
  if (isSignedIn) {
    await world.calls(1)
    backend.expire()
  }
  const before = count(phone)
  let sent = 0
  phone.hooks.request = ({ path }) => ({ late: path === '/wx/onlogin' ? EXCHANGE : delayOf(sent < CALLS ? sent++ : 0) })
  const ends = await world.calls(CALLS)
  const after = count(phone)
  return {
    logins: after.logins - before.logins,
    exchanges: after.exchanges - before.exchanges,
    requests: after.requests - before.requests,
    answered: ends.answered,
    failed: ends.failed,
    lost: CALLS - ends.answered - ends.failed,
  }
}

async function start(name) {
  const clock = createClock()
  const backend = createBackend()
  const { network, serve } = createMemoryNetwork(clock.timers)
  const { url } = await serve(inEveryProtocol(backend.answer))
  const compiling = new Set()
  const phone = startPhone({
    root: argument('program'),
    network,
    platform: Object.assign({}, platform, { timers: clock.timers, WebAssembly: noting(compiling) }),
  })
  phone.hooks.login = () => ({ delay: LOGIN })
  Object.assign(phone.wx, absentFromTheSimulator())
  const { request } = phone.require(`/libraries/${name}`).setUp({ loginUrl: `${url}/wx/onlogin` })

  /** Makes calls at once, and lets time pass until all have ended or timed out. */
  async function calls(number) {
    const ends = { answered: 0, failed: 0 }
    const end = clock.now() + PATIENCE
    const answered = (answer) => {
      ends[Object(Object(answer).data).session ? 'answered' : 'failed']++
    }
    const failed = () => {
      ends.failed++
    }
    for (let call = 0; call < number; call++) request(`${url}/call/${call}`, answered, failed)
    do {
      await still(clock, compiling)
    } while (ends.answered + ends.failed < number && phone.requests.length < ENDLESS && (await clock.next(end)))
    return ends
  }

  return { backend, phone, calls }
}

/** Waits for everything that happens without time passing. */
async function still(clock, compiling) {
  for (let quiet = 0; quiet < 3; quiet++) {
    await turns(1)
    if (!clock.isStill() || compiling.size > 0) quiet = 0
  }
}

/** WebAssembly that tracks what is being compiled, because compiling takes real time. */
function noting(compiling) {
  return {
    instantiate(bytes, imports) {
      const loading = WebAssembly.instantiate(bytes, imports)
      compiling.add(loading)
      const over = () => {
        compiling.delete(loading)
      }
      loading.then(over, over)
      return loading
    },
  }
}

function absentFromTheSimulator() {
  return {
    checkSession: ({ success }) => success({ errMsg: 'checkSession:ok' }),
    getUserInfo: ({ success }) => success({ userInfo: {}, encryptedData: '', iv: '' }),
    onSocketOpen() {},
    onSocketClose() {},
    onSocketMessage() {},
    onSocketError() {},
  }
}

function count({ counts }) {
  const exchanges = counts.requestsByPath['/wx/onlogin'] || 0
  return { logins: counts.logins, exchanges, requests: counts.requests - exchanges }
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
