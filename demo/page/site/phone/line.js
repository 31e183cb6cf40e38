/*
 * The line between a phone and the server, as a thief on the way has it: every request can be read, and the next one changed. The
 * server has a name of its own here, because what is signed is the path as the server sees it, and the worlds' paths are longer.
 */
'use strict'

const ADDRESS = 'https://tea.example'

/**
 * @param {any} network Of the simulated wx.
 * @param {string} server Where the server of that name really is.
 */
function createLine(network, server) {
  /** @type {any[]} */
  const captured = []
  let change

  return {
    address: ADDRESS,
    network: Object.assign({}, network, {
      send(request, on) {
        const there = Object.assign({}, request, { url: request.url.replace(ADDRESS, server) })
        captured.push(there)
        const sent = change ? change(there) : there
        change = undefined
        return network.send(sent, on)
      },
    }),
    /** The last request by this method. */
    last: (method) => captured.filter((request) => request.method === method).pop(),
    /** Changes the next request on its way. */
    changeNext(how) {
      change = how
    },
  }
}

module.exports = { createLine }
