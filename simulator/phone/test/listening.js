/* Sockets on a phone, the backend's ends of them, and events that can be awaited. */
'use strict'

const { start } = require('./start')

const address = (url) => url.replace(/^http/, 'ws')

/** A phone, and a backend that accepts every socket; `ends` holds its ends. */
async function withSockets(options) {
  const ends = []
  const seen = []
  const world = await start((request) => {
    seen.push(request)
    return { accept: (end) => ends.push(end) }
  }, options)
  return Object.assign(world, { ends, seen, ws: address(world.url) })
}

/** Opens a socket and notes its events; `next` waits for a given number of them. */
function listen(phone, options) {
  const task = phone.wx.connectSocket(options)
  const events = []
  let waiting = () => {}
  const note = (name) => (value) => {
    events.push([name, value])
    waiting()
  }
  for (const name of ['Open', 'Message', 'Close', 'Error']) task[`on${name}`](note(name))
  const next = (number) =>
    new Promise((resolve) => {
      waiting = () => {
        if (events.length >= number) resolve(events)
      }
      waiting()
    })
  return { task, events, next }
}

module.exports = { address, listen, withSockets }
