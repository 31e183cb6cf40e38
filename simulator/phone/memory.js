/* A network in memory, for engines without one and for tests that need an answer within the same turn. */
'use strict'

const { ask } = require('./backend')
const { openLine } = require('./socket-line')

/**
 * @typedef {import('./backend').Backend} Backend
 *
 * @typedef {object} Network What wx sends through.
 * @property {(request: Sent, on: NetworkEvents) => {abort(): void}} send
 * @property {(request: {url: string, header: object}, on: import('./socket-line').LineEvents) =>
 *   import('./socket-line').PhoneEnd} open
 *
 * @typedef {object} Sent
 * @property {string} url
 * @property {string} method
 * @property {{[name: string]: string}} header
 * @property {Uint8Array} bytes
 * @property {boolean} [sameTick] A network that can answer before `send` returns may do so.
 *
 * @typedef {object} NetworkEvents
 * @property {(statusCode: number, header: {[name: string]: string}, cookies: string[]) => void} headers
 * @property {(bytes: Uint8Array) => void} chunk
 * @property {() => void} end
 * @property {(reason: 'refused' | 'reset' | 'name not resolved' | 'failed') => void} error
 */

/**
 * @param {{setTimeout: Function}} timers
 * @returns {{network: Network, serve(backend: Backend): Promise<{url: string, close(): Promise<void>}>,
 *   listen(url: string, backend: Backend): () => void}} `listen` takes an address for a backend until it is called off.
 */
function createMemoryNetwork(timers) {
  const listening = new Map()
  let port = 40000

  function listen(url, backend) {
    const place = { backend, sockets: new Set() }
    listening.set(url, place)
    return () => {
      listening.delete(url)
      for (const socket of Array.from(place.sockets)) socket.cut()
    }
  }

  /** The backend that listens at an address, and the rest of the address. */
  function reach(url, use) {
    const [, origin, target] = /^((?:http|ws)s?:\/\/[^/?#]+)([^#]*)/i.exec(url)
    const { backend, sockets } = listening.get(origin.toLowerCase().replace(/^ws/, 'http')) || {}
    return use(answering(backend, timers, sockets), target)
  }

  function serve(backend) {
    const url = `http://127.0.0.1:${++port}`
    const close = listen(url, backend)
    return Promise.resolve({ url, close: () => Promise.resolve(close()) })
  }

  const network = {
    send: (request, on) => reach(request.url, (line, target) => line.send(Object.assign({}, request, { target }), on)),
    open: (request, on) => reach(request.url, (line, target) => line.open(Object.assign({}, request, { target }), on)),
  }
  return { network, serve, listen }
}

/**
 * A network on which this backend listens at every address, or nobody does if there is none.
 *
 * @param {Backend | undefined} backend
 * @param {{setTimeout: Function}} timers
 * @param {Set<import('./socket-line').BackendSocket>} [sockets] Where the open ones are kept.
 * @returns {Network}
 */
function answering(backend, timers, sockets) {
  function send({ method, url, target, header, bytes, sameTick }, on) {
    let abandoned = false
    const after = (delay, act) => {
      if (delay > 0 || !sameTick)
        timers.setTimeout(() => {
          if (!abandoned) act()
        }, delay)
      else act()
    }
    const play = (wire) => {
      if (abandoned || wire.hang) return
      if (wire.reset) return on.error('reset')
      const { joined, cookies } = received(wire.header)
      on.headers(wire.statusCode, joined, cookies)
      for (const chunk of wire.chunks) {
        if (!abandoned) on.chunk(chunk)
      }
      if (!abandoned) on.end()
    }
    const sent = { method, target: target === undefined ? url : target || '/', header, bytes }
    if (backend) ask(backend, sent, (wire) => after(wire.delay, () => play(wire)))
    else after(0, () => on.error('refused'))
    return {
      abort: () => {
        abandoned = true
      },
    }
  }

  function open({ url, target, header }, on) {
    const sent = { method: 'GET', target: target === undefined ? url : target || '/', header }
    return openLine(backend, timers, sent, on, sockets || new Set())
  }

  return { send, open }
}

/** Headers as wx shows them: one string for each name, and the cookies in a list as well. */
function received(header) {
  const joined = {}
  let cookies = []
  for (const name of Object.keys(header)) {
    const values = [].concat(header[name]).map(String)
    joined[name] = values.join(',')
    if (name.toLowerCase() === 'set-cookie') cookies = values
  }
  return { joined, cookies }
}

module.exports = { answering, createMemoryNetwork }
