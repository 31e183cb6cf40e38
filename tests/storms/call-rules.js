/*
 * What holds for every call of the app: it is sent when it should be, carries what it may, ends once, and with an answer
 * that is its own.
 */
'use strict'

const { secretsIn } = require('./secrets')

/** What a call that needs no session may fail with. */
const OF_WX = ['aborted', 'request_failed']

/**
 * @typedef {object} Call
 * @property {number} number
 * @property {string} kind
 * @property {'own' | 'path' | 'foreign'} to
 * @property {boolean | 'optional'} auth
 * @property {'callbacks' | 'promise' | 'both'} hears
 * @property {boolean} [isAborted]
 * @property {Send[]} sends
 * @property {Array<{name: string, value: any}>} ends What the app was told.
 *
 * @typedef {object} Send One call of wx.
 * @property {string} url
 * @property {string[]} ids The sessions that it carries.
 * @property {any[]} answers What wx has answered.
 * @property {number} failures How often wx has failed it.
 * @property {number} epoch How many endings there were before.
 */

class CallRules {
  /** @param {(text: string) => void} breach */
  constructor(breach) {
    this.breach = breach
    /** @type {Call[]} */
    this.calls = []
  }

  made(call) {
    this.calls.push(Object.assign(call, { sends: [], ends: [] }))
    return call
  }

  /** The method of the session has returned. `isLive`: a session stands, and nothing is in its way. */
  returned(call, isLive) {
    const goesBare = call.auth === false || call.to === 'foreign'
    if (goesBare || isLive) this.that(call.sends.length > 0, call, `is not handed to wx at once`)
  }

  /** The app is told: `success` or `fail`, then `complete`. */
  told(call, name, value) {
    const before = call.ends.map((end) => end.name).join()
    const isInOrder = name === 'complete' ? /^(success|fail)$/.test(before) : before === ''
    this.that(isInOrder, call, `hears ${name} after "${before}"`)
    if (name === 'complete') this.that(value === call.ends[0].value, call, 'hears two different values')
    if (name === 'success') this.succeeded(call, value)
    if (name === 'fail') this.failed(call, value)
    call.ends.push({ name, value })
  }

  succeeded(call, answer) {
    const last = call.sends[call.sends.length - 1]
    this.that(last && last.answers.includes(answer), call, 'has an answer that is not its own')
    // wx takes a socket first, and then closes it. A promise may tell later what came before the abort.
    const isLate = call.kind === 'connectSocket' || call.hears === 'promise'
    this.that(!call.isAborted || isLate, call, 'succeeds after its abort')
  }

  failed(call, error) {
    const { code } = Object(error)
    const isFounded = {
      // A socket may be closed before wx has said that it was taken.
      aborted: call.isAborted || call.kind === 'connectSocket',
      request_failed: call.sends.some(({ failures }) => failures > 0),
      invalid_option: false,
    }
    this.that(code && isFounded[code] !== false, call, `fails with ${code} for no reason`)
    const needsNone = call.auth === false || call.to === 'foreign' || call.auth === 'optional'
    const isLoading = code === 'load_failed' && call.auth === 'optional'
    this.that(!needsNone || isLoading || OF_WX.includes(code), call, `needs no session, and fails with ${code}`)
    this.tells(`call ${call.number}`, error)
  }

  /** Errors tell no secret. */
  tells(what, error) {
    const told = secretsIn([error])
    if (told.length > 0) this.breach(`${what} fails with an error that tells ${told}`)
  }

  /** wx is asked for a call. `current`: the session that stands. */
  sent(number, send, current) {
    const call = this.calls.find((other) => other.number === number)
    if (!call) return this.breach(`wx is asked for ${send.url}, which nobody has called`)
    const [id] = send.ids
    this.that(call.ends.length === 0 && !call.isAborted, call, 'is sent after its end')
    this.that(send.ids.length <= 1, call, `carries ${send.ids}`)
    this.that(!id || id === current, call, `carries ${id}, and ${current} stands`)
    this.that(!id || (call.auth !== false && call.to !== 'foreign'), call, `carries ${id} without wanting any`)
    this.that(Boolean(id) || call.auth !== true || call.to === 'foreign', call, 'goes without a session')
    if (call.sends.length > 0) this.resent(call, call.sends[call.sends.length - 1], send)
    call.sends.push(send)
  }

  resent(call, before, send) {
    const [old] = before.ids
    const [id] = send.ids
    this.that(call.kind !== 'connectSocket', call, 'is a socket, and is opened again')
    this.that(call.sends.length === 1, call, 'is sent a third time')
    this.that(before.answers.some(isRefusal), call, 'is sent again without a refusal')
    this.that(old && (id ? id !== old : call.auth === 'optional'), call, `is sent again with ${id} after ${old}`)
    this.that(!id || before.epoch === send.epoch, call, 'is sent again in another epoch')
  }

  /** Nothing is in progress any more. */
  over() {
    for (const call of this.calls) {
      const heard = call.ends.map(({ name }) => name)
      this.that(heard.length === 2, call, `has heard ${heard.join() || 'nothing'} in the end`)
    }
  }

  that(condition, { number, kind }, text) {
    if (!condition) this.breach(`${kind} ${number} ${text}`)
  }
}

/** Whether an answer refuses the session, as far as its status says. */
function isRefusal(answer) {
  return Object(answer).statusCode === 401
}

module.exports = { CallRules, isRefusal }
