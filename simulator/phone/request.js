/* wx.request: every status is a success. */
'use strict'

const { resultOf } = require('./incoming')
const { outgoing } = require('./outgoing')

/** @type {import('./transfer').Method} */
const request = {
  name: 'request',
  list: 'requests',
  events: ['HeadersReceived', 'ChunkReceived'],
  outgoing: (options, { app }) => outgoing(options, app),
  noted: ({ data }) => ({ data }),
  headers: ({ header, cookies }) => ({ header, cookies }),
  chunk(transfer, answer, bytes) {
    if (transfer.options.enableChunked) transfer.emit('ChunkReceived', { data: bytes.slice().buffer })
  },
  result: resultOf,
}

module.exports = { request }
