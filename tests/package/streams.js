/* The chunked answer of a call with a session; the test decides what comes when. */
'use strict'

const { byHand, make, noting } = require('./kinds')
const { start } = require('./start')

const chunk = (size) => ({ data: new ArrayBuffer(size) })
const answer = (statusCode, more) => Object.assign({ statusCode, header: {}, data: '' }, more)
const replaced = { header: { 'WWW-Authenticate': 'WxSession error="session_replaced"' } }

/** A call with a live session, its calls of wx, and everything that the app hears, in order. */
async function streaming(options, listens = true) {
  const world = await (await start()).signedIn()
  const sent = byHand(world, 'request')
  const heard = []
  const task = make(world, 'request', '/stream', Object.assign(noting(heard), options))
  if (listens) {
    task.onHeadersReceived(({ statusCode }) => heard.push(`headers ${statusCode}`))
    task.onChunkReceived(({ data }) => heard.push(data.byteLength))
  }
  return { world, sent, heard, task }
}

const ends = (statusCode) => [`success ${statusCode}`, `complete ${statusCode}`]

module.exports = { answer, chunk, ends, replaced, streaming }
