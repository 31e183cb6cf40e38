/* A network in memory, for an engine that has none and for tests that need an answer within the same turn. */
'use strict'

const { ask } = require('./backend')

/**
 * @typedef {import('./backend').Backend} Backend
 *
 * @typedef {object} Network What `wx.request` sends through.
 * @property {(request: Sent, on: NetworkEvents) => {abort(): void}} send
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
 * @returns {{network: Network, serve(backend: Backend): Promise<{url: string, close(): Promise<void>}>}}
 */
function createMemoryNetwork(timers) {
  const backends = new Map()
  let port = 40000

  function send(request, on) {
    const [, origin, target] = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(request.url)
    return answering(backends.get(origin.toLowerCase()), timers).send(Object.assign({}, request, { target }), on)
  }

  function serve(backend) {
    const url = `http://127.0.0.1:${++port}`
    backends.set(url, backend)
    return Promise.resolve({ url, close: () => Promise.resolve(void backends.delete(url)) })
  }

  return { network: { send }, serve }
}

/** A network on which every address is this backend; without one, nobody listens. */
function answering(backend, timers) {
  function send({ method, url, target, header, bytes, sameTick }, on) {
    let abandoned = false
    const after = (delay, act) => {
      if (delay > 0 || !sameTick) timers.setTimeout(() => { if (!abandoned) act() }, delay)
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
    return { abort: () => { abandoned = true } }
  }
  return { send }
}

/** Headers as wx shows them: one text a name, cookies once more in a list. */
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
