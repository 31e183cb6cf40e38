/* Chunked answers that turn out to refuse the session when the app has already had a part. */
'use strict'

const { equal } = require('./assert')
const { byHand, make, noting } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { answer, chunk, ends, replaced, streaming } = require('./streams')
const { quiet, turns, until } = require('./waiting')

const test = group('late chunks')

const KIB = 1024

test('headers without a status: chunks pass, and a refusal renews for the next call alone', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', { header: {} })
  sent[0].tell('ChunkReceived', chunk(1))
  equal(heard, ['headers undefined', 1])
  sent[0].options.success(answer(401))
  await until(() => heard.length === 4)
  await quiet(world)
  equal([heard.slice(2), sent.length, world.phone.counts.logins], [ends(401), 1, 2])
  world.call('/next')
  equal([sent[1].options.header.sessionid, world.phone.counts.logins], [world.backend.ids[1], 2])
})

test('headers without a status and without chunks do not keep a call from being sent again', async () => {
  const { sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', { header: {} })
  sent[0].options.success(answer(401))
  await until(() => sent.length === 2)
  equal(heard, [])
  sent[1].options.success(answer(200))
  equal(heard, ends(200))
})

test('of an answer that may be a refusal 64 KiB are held; one byte more lets all pass', async () => {
  for (const more of [0, 1]) {
    const { world, sent, heard } = await streaming()
    const sizes = [60 * KIB, 4 * KIB].concat(more || [])
    sent[0].tell('HeadersReceived', answer(404))
    for (const size of sizes) sent[0].tell('ChunkReceived', chunk(size))
    equal(heard, more ? ['headers 404', ...sizes] : [])
    sent[0].options.success(answer(404))
    await quiet(world)
    equal(heard, ['headers 404', ...sizes, ...ends(404)])
  }
})

test('an answer whose headers say that it is a refusal never passes, however long it is', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  for (let times = 0; times < 5; times++) sent[0].tell('ChunkReceived', chunk(60 * KIB))
  sent[0].options.success(answer(401))
  await turns(4)
  await quiet(world)
  equal([heard, sent.length, world.phone.counts.logins], [[], 2, 2])
})

test('what the first send filled does not count against the second', async () => {
  const { sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  sent[0].tell('ChunkReceived', chunk(60 * KIB))
  sent[0].options.success(answer(401))
  await until(() => sent.length === 2)
  sent[1].tell('HeadersReceived', answer(404))
  sent[1].tell('ChunkReceived', chunk(60 * KIB))
  equal(heard, [])
  sent[1].options.success(answer(404))
  equal(heard, ['headers 404', 60 * KIB].concat(ends(404)))
})

test('a refusal that came too late to send again still ends the session where it says so', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', { header: {} })
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].options.success(answer(401, replaced))
  equal([heard.slice(2), world.session.state, world.phone.counts.logins], [ends(401), 'ended', 1])
})

test('a stream that is always refused too late costs no sign-in each time', async () => {
  const { world, sent } = await streaming()
  for (let number = 0; number < 12; number++) {
    const send = sent[number]
    send.tell('HeadersReceived', { header: {} })
    send.tell('ChunkReceived', chunk(1))
    send.options.success(answer(401))
    await quiet(world)
    world.call('/stream').onChunkReceived(() => {})
  }
  equal(world.phone.counts.logins, 2)
})

for (const headersCarryStatus of [true, false]) {
  test(`a stream on a phone whose headers come ${headersCarryStatus ? 'with' : 'without'} a status`, async () => {
    const world = await (await start({ phone: { headersCarryStatus } })).signedIn()
    const chunks = ['one', 'three']
    world.backend.refusal = () => ({ statusCode: 401, chunks: ['refused'] })
    world.backend.call = ({ header }) => (world.backend.isLive(header.sessionid) ? { chunks } : undefined)
    world.backend.expire()
    const told = []
    const stream = () => {
      const task = world.call('/stream', { enableChunked: true })
      task.onChunkReceived(({ data }) => told.push(data.byteLength))
      return task
    }
    equal((await stream()).statusCode, headersCarryStatus ? 200 : 401)
    equal(told, headersCarryStatus ? [3, 5] : [7])
    equal((await stream()).statusCode, 200)
    equal([told.slice(-2), world.phone.counts.logins], [[3, 5], 2])
  })
}

test('an answer that only its body refuses, with a status of 200, has passed by then', async () => {
  const world = await (await start({ options: { refusal: ({ data }) => data === 'again' } })).signedIn()
  const sent = byHand(world, 'request')
  const heard = []
  const task = make(world, 'request', '/stream', noting(heard))
  task.onChunkReceived(() => heard.push('chunk'))
  sent[0].tell('HeadersReceived', answer(200))
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].options.success(answer(200, { data: 'again' }))
  await quiet(world)
  equal([heard, sent.length, world.phone.counts.logins], [['chunk'].concat(ends(200)), 1, 2])
})

test('that the first send had no status in its headers does not count for the second', async () => {
  const { sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', { header: {} })
  sent[0].options.success(answer(401))
  await until(() => sent.length === 2)
  sent[1].tell('HeadersReceived', answer(404))
  sent[1].tell('ChunkReceived', chunk(1))
  equal(heard, [])
  sent[1].options.success(answer(404))
  equal(heard, ['headers 404', 1, ...ends(404)])
})

test('chunks that come before any headers pass, and a refusal renews for the next call alone', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('ChunkReceived', chunk(1))
  equal(heard, [1])
  sent[0].options.success(answer(401))
  await quiet(world)
  equal([heard.slice(1), sent.length, world.phone.counts.logins], [ends(401), 1, 2])
})

for (const listens of [true, false]) {
  test(`the end of a chunked answer has no status, the app ${listens ? 'listens' : 'does not listen'}: that of the headers counts`, async () => {
    const { world, sent, heard, task } = await streaming({ enableChunked: true }, listens)
    sent[0].tell('HeadersReceived', answer(401))
    sent[0].options.success({ data: '' })
    await until(() => sent.length === 2)
    equal([heard, world.phone.counts.logins], [[], 2])
    sent[1].tell('HeadersReceived', answer(200))
    sent[1].options.success({ data: '' })
    await task
    equal(heard.slice(-2), ['success ok', 'complete ok'])
  })
}

test('a refusal whose chunks name the problem ends the session', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  for (const part of ['{"status":401,"co', 'de":"session_replaced"}']) {
    sent[0].tell('ChunkReceived', { data: Uint8Array.from(part.split('').map((unit) => unit.charCodeAt(0))).buffer })
  }
  sent[0].options.success(answer(401))
  equal([heard.slice(-2), world.session.state, sent.length], [ends(401), 'ended', 1])
})
