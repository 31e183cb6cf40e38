/* A WebSocket in memory: what one end sends arrives at the other in order, in a later turn. */
'use strict'

const { ask } = require('./backend')

/**
 * @typedef {object} PhoneEnd
 * @property {(data: string | ArrayBuffer) => void} send
 * @property {(code: number, reason: string) => void} close
 * @property {() => void} cut Breaks the connection without telling the phone.
 *
 * @typedef {object} LineEvents What the phone is told. The phone ignores events after a close.
 * @property {(header: {[name: string]: string}) => void} open
 * @property {(data: string | ArrayBuffer) => void} message
 * @property {(code: number, reason: string) => void} close
 * @property {(reason: 'refused' | 'reset' | 'status', statusCode?: number) => void} error The socket never opens.
 *
 * @typedef {object} BackendSocket What a backend's `accept` gets.
 * @property {(data: string | Uint8Array) => void} send
 * @property {(code?: number, reason?: string) => void} close Default 1000.
 * @property {() => void} cut Breaks the connection: the phone sees 1006.
 * @property {(listener: (data: string | Uint8Array) => void) => void} onMessage
 * @property {(listener: (code: number, reason: string) => void) => void} onClose Whichever end closed the
 *   socket; 1006 if the connection broke.
 */

/** @type {[code: number, reason: string]} */
const NO_CLOSE_FRAME = [1006, 'abnormal closure']

/**
 * @param {import('./backend').Backend | undefined} backend Undefined if nobody listens.
 * @param {{setTimeout: Function}} timers
 * @param {{method: string, target: string, header: {[name: string]: string}}} sent
 * @param {LineEvents} on
 * @param {Set<BackendSocket>} sockets Holds each open socket until it closes.
 * @returns {PhoneEnd}
 */
function openLine(backend, timers, sent, on, sockets) {
  const toPhone = inOrder(timers)
  const toBackend = inOrder(timers)
  const listeners = { message: [], close: [] }
  let abandoned = false
  let accepted = false

  const server = {
    message: (data) => {
      if (accepted) listeners.message.forEach((listener) => listener(data))
    },
    close(code, reason) {
      if (!accepted) return
      accepted = false
      sockets.delete(socket)
      listeners.close.forEach((listener) => listener(code, reason))
    },
  }

  /** @type {BackendSocket} */
  const socket = {
    send(data) {
      const copy = typeof data === 'string' ? data : new Uint8Array(data).buffer
      toPhone(() => on.message(copy))
    },
    close(code, reason) {
      /** @type {[code: number, reason: string]} */
      const frame = [code === undefined ? 1000 : code, reason || '']
      toPhone(() => on.close(...frame))
      toBackend(() => server.close(...frame))
    },
    cut() {
      toPhone(() => on.close(...NO_CLOSE_FRAME))
      toBackend(() => server.close(...NO_CLOSE_FRAME))
    },
    onMessage: (listener) => {
      listeners.message.push(listener)
    },
    onClose: (listener) => {
      listeners.close.push(listener)
    },
  }

  function answered(wire) {
    if (abandoned || wire.hang) return
    if (wire.reset) return on.error('reset')
    if (!wire.accept) return on.error('status', wire.statusCode)
    accepted = true
    sockets.add(socket)
    on.open(wire.header)
    wire.accept(socket)
  }

  if (backend) {
    const request = Object.assign({ bytes: new Uint8Array(0), upgrade: true }, sent)
    ask(backend, request, (wire) => timers.setTimeout(() => answered(wire), wire.delay))
  } else
    timers.setTimeout(() => {
      if (!abandoned) on.error('refused')
    }, 0)

  return {
    send(data) {
      const copy = typeof data === 'string' ? data : new Uint8Array(data.slice(0))
      toBackend(() => server.message(copy))
    },
    close(code, reason) {
      toBackend(() => {
        server.close(code, reason)
        toPhone(() => on.close(code, reason))
      })
    },
    cut() {
      abandoned = true
      toBackend(() => server.close(...NO_CLOSE_FRAME))
    },
  }
}

/** Acts in later turns and in order. Not every engine runs timers of equal length in order. */
function inOrder(timers) {
  const acts = []
  return (act) => {
    acts.push(act)
    timers.setTimeout(() => acts.shift()(), 0)
  }
}

module.exports = { openLine }
