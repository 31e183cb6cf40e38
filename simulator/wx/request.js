/* wx.request: every status is a success, ten at once, callbacks and a RequestTask. */
'use strict'

const { ABORTED, TIMEOUT, connection } = require('./failures')
const { resultOf } = require('./incoming')
const { answering } = require('./memory')
const { outgoing } = require('./outgoing')
const { noteRequest } = require('./record')

const DEFAULT_TIMEOUT = 60000

/**
 * @param {object} phone
 * @returns {{request(options: object): RequestTask, failAll(failure: object): void}} `failAll` ends everything
 *   that is queued or in flight, as a change of network does.
 *
 * @typedef {object} RequestTask
 * @property {() => void} abort
 * @property {(listener: Function) => void} onHeadersReceived
 * @property {(listener?: Function) => void} offHeadersReceived Without a listener: all of them.
 * @property {(listener: Function) => void} onChunkReceived
 * @property {(listener?: Function) => void} offChunkReceived
 */
function createRequest(phone) {
  const live = new Set()

  function request(given) {
    const transfer = new Transfer(phone, live, Object.assign({}, given))
    transfer.start()
    return transfer.task()
  }

  function failAll(failure) {
    for (const transfer of Array.from(live)) transfer.fail(failure)
  }

  return { request, failAll }
}

/** One call of wx.request. */
class Transfer {
  constructor(phone, live, options) {
    this.phone = phone
    this.live = live
    this.options = options
    this.sent = outgoing(options, phone.app)
    this.entry = noteRequest(phone.record, this.sent, options.data)
    this.twist = phone.hooks.request(this.entry) || {}
    this.listeners = { HeadersReceived: [], ChunkReceived: [] }
    this.inCall = true
    this.ended = false
    this.settled = false
    this.endings = 0
    this.leave = () => {}
  }

  start() {
    const { live, phone, twist } = this
    live.add(this)
    if (twist.delay > 0) phone.timers.setTimeout(() => this.begin(), twist.delay)
    else this.begin()
    this.inCall = false
  }

  begin() {
    if (this.ended) return
    if ('fail' in this.twist) this.fail(this.twist.fail)
    else if (this.sent.problem) this.fail(this.sent.problem)
    else {
      this.leave = this.phone.lanes.enter(() => this.send())
      // It may have ended within its own start, before it knew how to leave.
      if (this.ended) this.leave()
    }
  }

  send() {
    const { entry, options, phone, sent, twist } = this
    const line = twist.answer ? answering(() => twist.answer, phone.timers) : phone.network
    const sameTick = twist.sameTick === undefined ? phone.sameTick : twist.sameTick
    const patience = options.timeout > 0 ? options.timeout : DEFAULT_TIMEOUT
    const answer = { statusCode: 0, header: {}, cookies: [], chunks: [] }
    entry.state = 'sent'
    this.timer = phone.timers.setTimeout(() => this.fail(TIMEOUT), patience)
    this.exchange = line.send(Object.assign({ sameTick }, sent), {
      headers: (statusCode, header, cookies) => {
        Object.assign(answer, { statusCode, header, cookies })
        const status = phone.headersCarryStatus ? { statusCode } : {}
        this.emit('HeadersReceived', Object.assign({ header, cookies }, status))
      },
      chunk: (bytes) => {
        answer.chunks.push(bytes)
        if (options.enableChunked) this.emit('ChunkReceived', { data: bytes.slice().buffer })
      },
      end: () => {
        entry.statusCode = answer.statusCode
        this.finish('success', resultOf(options, answer))
      },
      error: (reason) => this.fail(connection(reason))
    })
  }

  abort() {
    if (!this.settled) this.fail(ABORTED)
  }

  fail(failure) {
    this.entry.failure = failure
    this.finish('fail', failure)
  }

  /** Ends the transfer. Its callbacks may run later, and an abort until then takes their place. */
  finish(kind, result) {
    if (this.settled || (this.ended && kind === 'success')) return
    const { delivery, timers } = this.phone
    const ending = ++this.endings
    const claim = () => ending === this.endings && !this.settled && (this.settled = true)
    this.ended = true
    this.entry.state = kind === 'success' ? 'answered' : 'failed'
    this.live.delete(this)
    timers.clearTimeout(this.timer)
    if (kind === 'fail' && this.exchange) this.exchange.abort()
    delivery.deliver('request', this.options, kind, result, { twist: this.twist, inCall: this.inCall, claim })
    this.leave()
  }

  emit(event, value) {
    const { delivery } = this.phone
    for (const listener of this.listeners[event].slice()) delivery.call(`request:on${event}`, listener, value)
  }

  /** What the program sees of it. @returns {RequestTask} */
  task() {
    const { listeners } = this
    const task = { abort: () => this.abort() }
    for (const event of Object.keys(listeners)) {
      task[`on${event}`] = (listener) => {
        if (typeof listener === 'function') listeners[event].push(listener)
      }
      task[`off${event}`] = (listener) => {
        listeners[event] = listener ? listeners[event].filter((kept) => kept !== listener) : []
      }
    }
    return task
  }
}

module.exports = { createRequest }
