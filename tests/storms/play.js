/* Plays the acts of a storm. Only `pass` takes time; all others happen in the turn of the act before. */
'use strict'

const { PHOTO } = require('../package/kinds')
const { FOREIGN, OWN } = require('./spy')
const { OF_THE_APP } = require('./storm')

const NEEDED = { uploadFile: { filePath: PHOTO, name: 'photo' } }
const NEXT = { act: '', kind: 'request', to: 'own', auth: true, hears: 'callbacks', then: 'nothing' }

let words = 0

/** @type {{[name: string]: (storm: InstanceType<typeof import('./storm').Storm>, given: any) => unknown}} */
const ACTS = {
  call,
  pass: ({ time }, { milliseconds }) => time.pass(milliseconds),
  login(storm, { isForced }) {
    wish(storm, { force: isForced })
  },
  attempt,
  logout({ session }) {
    session.logout()
  },
  abort(storm, { place }) {
    const { tasks } = storm
    if (tasks.length > 0) leave(storm, tasks[place % tasks.length])
  },
  listen(storm, { then }) {
    const off = storm.session.onChange(() => {
      off()
      react(storm, undefined, then)
    })
  },
  end: ({ server }, { reason }) => server.endAll(reason),
  answer: ({ server }, { of, moods }) => server.expect(of, moods),
  twist: ({ twists }, { of, twist }) => twists[of].push(twist),
  mute: ({ twists }, { of }) => twists[of].push({ times: 0 }),
  line(storm, { isCut }) {
    storm.isCut = isCut
  },
  storage(storm, { isBroken }) {
    storm.isStorageBroken = isBroken
  },
  jump({ server, time }, { milliseconds }) {
    time.jump(milliseconds)
    server.phoneJumps(milliseconds)
  },
  changeNetwork: ({ phone }) => phone.changeNetwork(),
  async background({ phone, time }, { milliseconds, isInterrupted }) {
    phone.sleep()
    if (isInterrupted) phone.interrupt()
    time.oversleep(milliseconds)
    await time.pass(0)
    phone.wake()
  },
  restart: async (storm, { failures }) => {
    // A phone ends a program between two turns. What is left of a turn here would run beside the program's next start.
    await storm.time.pass(0)
    storm.restart(failures)
  },
}

/** Makes a call, of which the app hears by callbacks, by a promise, or by both. */
function call(storm, { act, kind, to, auth, hears, then }) {
  const { calls, session, tasks } = storm
  const made = calls.made({ number: ++storm.number, kind, to, auth, hears })
  const base = { own: OWN, path: '', foreign: FOREIGN }[to]
  const url = `${kind === 'connectSocket' ? base.replace('http', 'ws') : base}/call/${made.number}`
  const isAwaited = kind !== 'connectSocket' && hears !== 'callbacks'
  const isCalledBack = !isAwaited || hears === 'both'
  const isLive = Boolean(act) && storm.isLoaded && session.state === 'signed-in' && storm.rules.isLive()
  const told = (name, value) => {
    // A promise may still tell what an earlier start of the program has asked for.
    if (storm.session !== session) return
    calls.told(made, name, value)
    // What it throws in the reaction of a promise is its own.
    const reaction = name === 'complete' || (then === 'throw' && !isCalledBack) ? 'nothing' : then
    react(storm, made, reaction)
  }
  const names = isCalledBack ? ['success', 'fail', 'complete'] : []
  const options = Object.assign({ url, auth }, NEEDED[kind])
  for (const name of names) options[name] = (value) => told(name, value)
  const task = session[kind](options)
  tasks.push({ made, leave: () => (task.close || task.abort).call(task) })
  calls.returned(made, isLive)
  if (isAwaited && isCalledBack) agree(storm, made, task)
  else if (isAwaited) hear(task, told)
}

/** Tells what a promise tells. */
function hear(task, told) {
  const ended = (name) => (value) => {
    told(name, value)
    told('complete', value)
  }
  task.then(ended('success'), ended('fail'))
}

/** A promise has the outcome of the callbacks, after them. */
function agree(storm, made, task) {
  const check = (name) => (value) => {
    const [first, last] = made.ends
    const isSame = last && last.name === 'complete' && first.name === name && first.value === value
    if (!isSame) storm.broken.push(`the promise of call ${made.number} has another outcome than its callbacks`)
  }
  task.then(check('success'), check('fail'))
}

function leave(storm, { made, leave }) {
  // A socket that wx has taken ends by its events.
  if (made.ends.length === 0) made.isAborted = true
  leave()
}

/** What the app does where it is told something. */
function react(storm, made, reaction) {
  const reactions = {
    nothing() {},
    call: () => call(storm, Object.assign({}, NEXT)),
    login: () => wish(storm, undefined),
    logout: () => storm.session.logout(),
    abort: () => storm.tasks.forEach((task) => task.made === made && leave(storm, task)),
    throw() {
      throw new Error(OF_THE_APP)
    },
  }
  reactions[reaction]()
}

/** Signs in because somebody wants to. */
function wish(storm, options) {
  const { calls, rules, session } = storm
  rules.wishes++
  const over = (error) => {
    if (storm.session === session) rules.wishes--
    if (error) calls.tells('login()', error)
  }
  const promise = session.login(options)
  promise.then(() => over(undefined), over)
  return promise
}

function attempt(storm) {
  const word = `secret-word-${++words}-x`
  const attempted = { sends: [], isOver: false }
  const over = () => {
    attempted.isOver = true
  }
  storm.rules.attempts.set(word, attempted)
  wish(storm, { method: 'password', identifier: 'li.na', password: word }).then(over, over)
}

module.exports = { play: (storm, given) => ACTS[given.act](storm, given) }
