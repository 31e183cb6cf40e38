/* wx.connectSocket: five at once. `success` says only that the call was accepted; everything else is an event. */
'use strict'

const { headersOf, pathOf, problemOf, withoutFragment } = require('./address')
const { INTERRUPTED, TIMEOUT, TOO_MANY_SOCKETS, badParameter } = require('./failures')
const { createListeners } = require('./listeners')
const { answering } = require('./memory')
const { note } = require('./record')

const SOCKETS_AT_ONCE = 5
const DEFAULT_TIMEOUT = 60000
const EVENTS = ['Open', 'Message', 'Close', 'Error']

// The messages of the library that phones use.
const NEVER_OPENED = { refused: 'Underlying Transport Error', reset: 'End of File', status: 'Invalid HTTP status.' }
// What `success` of a task's method gets, under the older names.
const OK = { send: 'sendSocketMessage:ok', close: 'closeSocket:ok' }
const NORMAL = 1000
const READY_STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
/** The name of the task's state for each state of the record. */
const STATES = {
  queued: 'CONNECTING',
  connecting: 'CONNECTING',
  open: 'OPEN',
  closing: 'CLOSING',
  closed: 'CLOSED',
  failed: 'CLOSED',
}
const ABNORMAL = 1006
const BROKEN = 'abnormal closure'

/**
 * @typedef {object} SocketRecord
 * @property {number} number From 1, in the order of the calls.
 * @property {string} url
 * @property {string} path Without the query.
 * @property {{[name: string]: string}} header The headers of the opening request.
 * @property {'queued' | 'connecting' | 'open' | 'closing' | 'closed' | 'failed'} state `failed`: the call was never accepted.
 * @property {unknown} [failure] What `fail` of connectSocket, or onError, got.
 * @property {number} [code] The close code.
 * @property {string} [reason]
 */

/** @param {import('./wx').Parts} phone */
function createConnectSocket(phone) {
  const open = new Set()
  /** @param {import('./transfer').Options} [given] */
  return function connectSocket(given) {
    const socket = new Socket(phone, open, Object.assign({}, given))
    socket.start()
    return socket.task()
  }
}

class Socket {
  /**
   * @param {import('./wx').Parts} phone
   * @param {Set<Socket>} open
   * @param {import('./transfer').Options} options
   */
  constructor(phone, open, options) {
    this.phone = phone
    this.open = open
    this.options = options
    this.sent = outgoing(options, phone.app)
    this.entry = note(phone.record, 'sockets', this.sent)
    /** @type {import('./delivery').Twist} */
    this.twist = phone.hooks.connectSocket(this.entry) || {}
    this.events = createListeners(phone.delivery, 'connectSocket', EVENTS)
    this.inCall = true
  }

  start() {
    const { phone, twist } = this
    phone.live.add(this)
    phone.delivery.start(twist, () => this.begin())
    this.inCall = false
  }

  begin() {
    const { entry, open, phone, sent, twist } = this
    if (entry.state === 'failed') return
    const problem = sent.problem || (open.size >= SOCKETS_AT_ONCE ? TOO_MANY_SOCKETS : undefined)
    if ('fail' in twist) this.refuse(twist.fail)
    else if (problem) this.refuse(phone.failure('connectSocket', problem))
    else {
      if (entry.state === 'queued') {
        open.add(this)
        entry.state = 'connecting'
      }
      this.deliver('success', { errMsg: 'connectSocket:ok' })
      // `success` may have closed the socket.
      if (entry.state === 'connecting') this.connect()
    }
  }

  /** Rejects the call: no event follows. */
  refuse(failure) {
    this.entry.failure = failure
    this.over('failed')
    this.deliver('fail', failure)
  }

  deliver(kind, result) {
    this.phone.delivery.deliver('connectSocket', this.options, kind, result, { twist: this.twist, inCall: this.inCall })
  }

  connect() {
    const { entry, options, phone, sent, twist } = this
    const line = twist.answer ? answering(() => twist.answer, phone.timers) : phone.network
    const patience = options.timeout > 0 ? options.timeout : DEFAULT_TIMEOUT
    this.timer = phone.timers.setTimeout(() => this.error(TIMEOUT.text), patience)
    this.line = line.open(
      { url: sent.url, header: sent.header },
      {
        open: (header) => {
          phone.timers.clearTimeout(this.timer)
          entry.state = 'open'
          this.emit('Open', { header })
        },
        message: (data) => {
          if (entry.state === 'open') this.emit('Message', { data })
        },
        close: (code, reason) => this.closed(code, reason),
        error: (reason) => this.error(NEVER_OPENED[reason]),
      },
    )
  }

  /** The socket did not open and never will. */
  error(errMsg) {
    this.line.cut()
    this.entry.failure = this.phone.wording({ errMsg })
    this.over('closed')
    this.emit('Error', this.entry.failure)
    if (this.phone.closeAfterError) this.emit('Close', this.phone.app.host.closed(ABNORMAL, BROKEN))
  }

  closed(code, reason) {
    if (this.entry.state === 'closed') return
    Object.assign(this.entry, { code, reason })
    this.over('closed')
    this.emit('Close', this.phone.app.host.closed(code, reason))
  }

  over(state) {
    const { entry, open, phone } = this
    phone.timers.clearTimeout(this.timer)
    entry.state = state
    open.delete(this)
    phone.live.delete(this)
  }

  /** The network or the program has gone: open sockets break. @param {import('./failures').Reason} reason */
  fail(reason) {
    const { state } = this.entry
    if (state === 'queued') return this.refuse(this.phone.failure('connectSocket', reason))
    if (state === 'connecting' && this.line) return this.error(reason.text)
    if (this.line) this.line.cut()
    this.closed(ABNORMAL, reason === INTERRUPTED ? 'interrupted' : BROKEN)
  }

  send(given) {
    const options = given || {}
    const { data } = options
    if (this.entry.state !== 'open') return this.answer('send', options, { text: 'SocketTask.readyState is not OPEN' })
    if (typeof data !== 'string' && !(data instanceof ArrayBuffer)) {
      return this.answer('send', options, badParameter('data', 'String', data))
    }
    this.line.send(data)
    return this.answer('send', options)
  }

  close(given) {
    const options = given || {}
    const { entry } = this
    const { code = NORMAL, reason = '' } = options
    if (entry.state === 'open') {
      entry.state = 'closing'
      this.line.close(code, reason)
    } else if (entry.state === 'connecting' || entry.state === 'queued') {
      if (this.line) this.line.cut()
      entry.state = 'closing'
      // There is no connection yet that a close frame could end.
      this.phone.timers.setTimeout(() => this.closed(ABNORMAL, BROKEN), 0)
    } else return this.answer('close', options, { text: 'SocketTask.readyState is CLOSED' })
    return this.answer('close', options)
  }

  /**
   * Calls back for `send` and `close`.
   *
   * @param {'send' | 'close'} method
   * @param {import('./transfer').Options} options
   * @param {import('./failures').Reason} [problem]
   */
  answer(method, options, problem) {
    const call = `SocketTask.${method}`
    const result = problem ? this.phone.failure(call, problem) : { errMsg: OK[method] }
    this.phone.delivery.deliver(call, options, problem ? 'fail' : 'success', result, { twist: {}, inCall: true })
  }

  emit(event, value) {
    this.events.emit(event, value, this.twist.eventTimes)
  }

  /** The SocketTask. Unlike other tasks it has no `off…`. */
  task() {
    const { entry } = this
    const task = Object.assign(
      {
        send: (options) => this.send(options),
        close: (options) => this.close(options),
      },
      READY_STATES,
      this.events.on,
    )
    return Object.defineProperty(task, 'readyState', { get: () => READY_STATES[STATES[entry.state]] })
  }
}

function outgoing(options, app) {
  const url = withoutFragment(String(options.url))
  const { protocols } = options
  const own = Array.isArray(protocols) && protocols.length ? { 'sec-websocket-protocol': protocols.join(', ') } : {}
  return {
    problem: problemOf(options.url, 'ws', app.domains),
    url,
    path: pathOf(url),
    header: Object.assign(headersOf(options.header, app), own),
  }
}

module.exports = { createConnectSocket }
