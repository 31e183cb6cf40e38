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
 * @property {(listener?: Function) => void} offHeadersReceived
 * @property {(listener: Function) => void} onChunkReceived
 * @property {(listener?: Function) => void} offChunkReceived
 */
function createRequest(phone) {
  const { app, hooks, record, delivery, timers, lanes } = phone
  const live = new Set()

  function request(given) {
    const options = Object.assign({}, given)
    const sent = outgoing(options, app)
    const entry = noteRequest(record, sent, options.data)
    const twist = hooks.request(entry) || {}
    const line = twist.answer ? answering(() => twist.answer, timers) : phone.network
    const listeners = { HeadersReceived: [], ChunkReceived: [] }
    let inCall = true
    let ended = false
    let settled = false
    let latest = 0
    let leave = () => {}
    let timeout
    let exchange

    function start() {
      if (ended) return
      if ('fail' in twist) fail(twist.fail)
      else if (sent.problem) fail(sent.problem)
      else leave = entered(lanes, send, () => ended)
    }

    function send() {
      entry.state = 'sent'
      timeout = timers.setTimeout(() => fail(TIMEOUT), options.timeout > 0 ? options.timeout : DEFAULT_TIMEOUT)
      const answer = { statusCode: 0, header: {}, cookies: [], chunks: [] }
      const sameTick = twist.sameTick === undefined ? phone.sameTick : twist.sameTick
      exchange = line.send(Object.assign({ sameTick }, sent), {
        headers(statusCode, header, cookies) {
          Object.assign(answer, { statusCode, header, cookies })
          emit('HeadersReceived', phone.headersCarryStatus ? { header, cookies, statusCode } : { header, cookies })
        },
        chunk(bytes) {
          answer.chunks.push(bytes)
          if (options.enableChunked) emit('ChunkReceived', { data: bytes.slice().buffer })
        },
        end() {
          entry.statusCode = answer.statusCode
          finish('success', resultOf(options, answer))
        },
        error: (reason) => fail(connection(reason))
      })
    }

    function fail(failure) {
      entry.failure = failure
      finish('fail', failure)
    }

    /** Ends the transfer; the callbacks may run later, and an abort until then takes their place. */
    function finish(kind, result) {
      if (settled || (ended && kind === 'success')) return
      ended = true
      live.delete(task)
      entry.state = kind === 'success' ? 'answered' : 'failed'
      timers.clearTimeout(timeout)
      if (kind === 'fail' && exchange) exchange.abort()
      const mine = ++latest
      const claim = () => mine === latest && !settled && (settled = true)
      delivery.deliver('request', options, kind, result, { twist, inCall, claim })
      leave()
    }

    function emit(event, value) {
      for (const listener of listeners[event].slice()) delivery.call(`request:on${event}`, listener, value)
    }

    const task = {
      abort: () => { if (!settled) fail(ABORTED) },
      fail,
      face: faceOf(listeners, () => task.abort())
    }
    live.add(task)
    if (twist.delay > 0) timers.setTimeout(start, twist.delay)
    else start()
    inCall = false
    return task.face
  }

  function failAll(failure) {
    for (const task of Array.from(live)) task.fail(failure)
  }

  return { request, failAll }
}

/** A transfer that ends within its own start has not been told yet how to leave, so that is done here. */
function entered(lanes, send, hasEnded) {
  const leave = lanes.enter(send)
  if (hasEnded()) leave()
  return leave
}

/** The RequestTask that the program sees. */
function faceOf(listeners, abort) {
  const face = { abort }
  for (const event of Object.keys(listeners)) {
    face[`on${event}`] = (listener) => {
      if (typeof listener === 'function') listeners[event].push(listener)
    }
    face[`off${event}`] = (listener) => {
      listeners[event] = listener ? listeners[event].filter((kept) => kept !== listener) : []
    }
  }
  return face
}

module.exports = { createRequest }
