/* What holds for the session: why it is replaced, who is given it, and what is kept. */
'use strict'

const { isRefusal } = require('./call-rules')
const { secretsIn } = require('./secrets')

/** A sign-in takes a fresh code at most twice: once for a spent one, and once to present no session. */
const LOGINS = 3
/** Three failures of network or server, and a refusal of each code but the last. */
const POSTS = 6
/** The number under which storage keeps that the app has signed out. */
const SIGNED_OUT = 6
/** Answers about the code, and about the session that was presented. */
const UNHEARD = /^(code_invalid|session_re.*)$/

class SessionRules {
  /**
   * @param {(text: string) => void} breach
   * @param {{now(): number}} time
   * @param {{signIn?: string}} options
   */
  constructor(breach, time, options) {
    this.breach = breach
    this.time = time
    this.options = options
    /** The sessions that arrived, and those of them that were kept or ended at the server. */
    this.arrived = new Set()
    this.taken = new Set()
    this.refused = new Set()
    /** How often a session has ended for good, so that only a login signs in. */
    this.epoch = 0
    /** By the words that the user typed. */
    this.attempts = new Map()
    this.begin()
  }

  /** The program starts. */
  begin() {
    this.kept = {}
    this.state = undefined
    /** The logins and attempts that wait. */
    this.wishes = 0
    this.login = { code: undefined }
  }

  /** The session that stands, or that was used last. */
  current() {
    return secretsIn([this.kept], 'id')[0]
  }

  isLive() {
    const { received, lifetime } = this.kept
    const now = this.time.now()
    return Boolean(this.current()) && (!lifetime || (now >= received && now < received + lifetime))
  }

  /** Storage is read. */
  read(value) {
    this.kept = Object(value)
    return value
  }

  /** Storage is written. */
  stored(value) {
    const secrets = secretsIn([value])
    this.that(
      secrets.every((secret) => /-id-/.test(secret)),
      `storage has ${secrets}`,
    )
    this.kept = Object(value)
    if (this.current()) this.taken.add(this.current())
    else this.ended()
  }

  /** A session ends for good. A login that waits then signs in anew, and calls that wait go with it. */
  ended() {
    if (this.wishes === 0 || this.kept.ended === SIGNED_OUT) this.epoch++
    this.logins = 0
    this.posts = 0
  }

  changed(state, read) {
    this.that(state === read, `the state is told as ${state} and reads ${read}`)
    this.that(state !== this.state || state === 'signed-out', `the state changes to ${state} twice`)
    if (state === 'signing-in') this.signInBegins()
    this.state = state
  }

  signInBegins() {
    const old = this.current()
    // A session that was past its time once is not used again, even if the clock is set back.
    if (!this.isLive()) this.refused.add(old)
    const isNeeded = old ? this.refused.has(old) : this.options.signIn !== 'manual'
    const hasEnded = this.state === 'ended' || 'ended' in this.kept
    this.that(this.wishes > 0 || isNeeded, `a sign-in replaces ${old}, which nobody has refused`)
    this.that(this.wishes > 0 || !hasEnded, 'a sign-in after an ending, and nobody has asked for it')
    this.logins = 0
    this.posts = 0
  }

  askedForCode() {
    this.login = { code: undefined }
    this.that(this.state === 'signing-in', `wx.login is called while ${this.state}`)
    this.that(++this.logins <= LOGINS, `a sign-in calls wx.login ${this.logins} times`)
    return this.login
  }

  posted(send) {
    const [codes, words] = [secretsIn([send.text], 'code'), secretsIn([send.text], 'word')]
    this.that(this.state === 'signing-in', `a code is posted while ${this.state}`)
    this.that(++this.posts <= POSTS, `a sign-in posts ${this.posts} times`)
    this.that(codes.length === 1 && codes[0] === this.login.code, `it posts ${codes} instead of ${this.login.code}`)
    this.that(send.ids.length === 0 || send.ids.join() === this.current(), `it presents ${send.ids}`)
    this.that(words.length <= 1, `it posts ${words} together`)
    this.that(words.length === 0 || send.method === 'POST', `it sends ${words} by ${send.method}`)
    words.forEach((word) => this.attempted(this.attempts.get(word), send))
  }

  /** Credentials are judged once: they go again only if nobody has judged them. */
  attempted(attempt, send) {
    this.that(!attempt.isOver, 'credentials are posted after their attempt')
    const before = attempt.sends[attempt.sends.length - 1]
    const wasInDoubt = attempt.sends.some(({ answers }) => answers.length === 0)
    const isUnheard = before && before.answers.some(({ data }) => UNHEARD.test(Object(data).code))
    this.that(!before || wasInDoubt || isUnheard, 'credentials are posted again after an answer')
    attempt.sends.push(send)
  }

  /** A sign-in is answered. */
  exchanged({ statusCode, data }) {
    if (statusCode === 200) secretsIn([data], 'id').forEach((id) => this.arrived.add(id))
  }

  /** A call with a session is answered, or a socket closed as refused. */
  answered(send, answer) {
    if (isRefusal(answer)) send.ids.forEach((id) => this.refused.add(id))
  }

  signedOut(send) {
    this.that(send.ids.length === 1, `a sign-out ends ${send.ids}`)
    const others = secretsIn([send.text]).filter((secret) => !send.ids.includes(secret))
    this.that(others.length === 0, `a sign-out tells ${others}`)
    send.ids.forEach((id) => this.taken.add(id))
  }

  /** Nothing is in progress any more. */
  over() {
    const lost = Array.from(this.arrived).filter((id) => !this.taken.has(id))
    this.that(lost.length === 0, `${lost} arrived, and is neither kept nor ended`)
    this.that(this.wishes === 0, `${this.wishes} logins never end`)
  }

  that(condition, text) {
    if (!condition) this.breach(text)
  }
}

module.exports = { SessionRules }
