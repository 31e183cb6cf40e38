/* The part that request, uploadFile and downloadFile share: one call over HTTP, from its options to its callbacks. */
'use strict'

const { ABORTED, TIMEOUT, connection } = require('./failures')
const { createListeners } = require('./listeners')
const { answering } = require('./memory')
const { note } = require('./record')

const DEFAULT_TIMEOUT = 60000

/**
 * @typedef {import('./wx').Parts} Parts
 * @typedef {{[name: string]: any}} Options The caller's. A program may pass anything.
 *
 * @typedef {object} Method A method of wx that sends over HTTP.
 * @property {string} name
 * @property {'requests' | 'uploads' | 'downloads'} list Its list in the phone's record.
 * @property {string[]} events The events of its task.
 * @property {(options: Options, phone: Parts) => Sent} outgoing
 * @property {(options: Options) => object} noted Further fields of its record.
 * @property {(answer: Answer) => object} headers What onHeadersReceived gets besides the status.
 * @property {(transfer: Transfer, answer: Answer) => void} [answered] Runs before onHeadersReceived.
 * @property {(transfer: Transfer, answer: Answer, bytes: Uint8Array) => void} [chunk] Runs for each piece of the body.
 * @property {(options: Options, answer: Answer, phone: Parts) => object} result What `success` gets.
 *
 * @typedef {object} Sent
 * @property {import('./failures').Reason} [problem] Why it cannot be sent.
 * @property {string} method
 * @property {string} url
 * @property {string} path
 * @property {{[name: string]: string}} header
 * @property {Uint8Array} bytes
 *
 * @typedef {{statusCode: number, header: object, cookies: string[], chunks: Uint8Array[]}} Answer
 *
 * @typedef {{abort(): void, [listen: string]: Function}} Task What the call returns: `abort`, and `on…` and `off…` for
 *   each event.
 */

/**
 * @param {Parts} phone
 * @param {Method} method
 * @returns {(options?: Options) => any} Its result is a Task, unless a test replaces the method.
 */
function createTransfer(phone, method) {
  return (given) => {
    const transfer = new Transfer(phone, method, Object.assign({}, given))
    transfer.start()
    return transfer.task()
  }
}

class Transfer {
  /**
   * @param {Parts} phone
   * @param {Method} method
   * @param {Options} options
   */
  constructor(phone, method, options) {
    this.phone = phone
    this.method = method
    this.options = options
    this.sent = method.outgoing(options, phone)
    this.entry = note(phone.record, method.list, this.sent, method.noted(options))
    /** @type {import('./delivery').Twist} */
    this.twist = phone.hooks[method.name](this.entry) || {}
    this.events = createListeners(phone.delivery, method.name, method.events)
    this.inCall = true
    this.ended = false
    this.settled = false
    this.endings = 0
    this.leave = () => {}
  }

  start() {
    const { phone, twist } = this
    phone.live.add(this)
    phone.delivery.start(twist, () => this.begin())
    this.inCall = false
  }

  begin() {
    if (this.ended) return
    if ('fail' in this.twist) this.failWith(this.twist.fail)
    else if (this.sent.problem) this.fail(this.sent.problem)
    else {
      this.leave = this.phone.lanes.enter(() => this.send())
      // The transfer may have ended within `start`, before `leave` was assigned.
      if (this.ended) this.leave()
    }
  }

  send() {
    const { entry, method, options, phone, sent, twist } = this
    const line = twist.answer ? answering(() => twist.answer, phone.timers) : phone.network
    const sameTick = twist.sameTick === undefined ? phone.sameTick : twist.sameTick
    const patience = options.timeout > 0 ? options.timeout : DEFAULT_TIMEOUT
    const answer = { statusCode: 0, header: {}, cookies: [], chunks: [] }
    entry.state = 'sent'
    this.timer = phone.timers.setTimeout(() => this.fail(TIMEOUT), patience)
    this.exchange = line.send(Object.assign({ sameTick }, sent), {
      headers: (statusCode, header, cookies) => {
        Object.assign(answer, { statusCode, header, cookies })
        const status = phone.headersCarryStatus(method.name) ? { statusCode } : {}
        if (method.answered) method.answered(this, answer)
        this.emit('HeadersReceived', Object.assign(method.headers(answer), status))
      },
      chunk: (bytes) => {
        answer.chunks.push(bytes)
        if (method.chunk) method.chunk(this, answer, bytes)
      },
      end: () => {
        entry.statusCode = answer.statusCode
        this.finish('success', method.result(options, answer, phone))
      },
      error: (reason) => this.fail(connection(reason)),
    })
  }

  abort() {
    if (!this.settled) this.fail(ABORTED)
  }

  /** @param {import('./failures').Reason} reason */
  fail(reason) {
    this.failWith(this.phone.failure(this.method.name, reason))
  }

  failWith(failure) {
    this.entry.failure = failure
    this.finish('fail', failure)
  }

  /** Ends the transfer. Its callbacks may run later; an abort before that replaces them. */
  finish(kind, result) {
    if (this.settled || (this.ended && kind === 'success')) return
    const { delivery, live, timers } = this.phone
    const ending = ++this.endings
    const claim = () => ending === this.endings && !this.settled && (this.settled = true)
    this.ended = true
    this.entry.state = kind === 'success' ? 'answered' : 'failed'
    live.delete(this)
    timers.clearTimeout(this.timer)
    if (kind === 'fail' && this.exchange) this.exchange.abort()
    delivery.deliver(this.method.name, this.options, kind, result, { twist: this.twist, inCall: this.inCall, claim })
    this.leave()
  }

  emit(event, value) {
    this.events.emit(event, value)
  }

  /** @returns {Task} */
  task() {
    return Object.assign({ abort: () => this.abort() }, this.events.on, this.events.off)
  }
}

module.exports = { createTransfer }
