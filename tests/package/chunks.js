/* Chunked answers: if one refuses the session, no part of it reaches the app. */
'use strict'

const { equal } = require('./assert')
const { byHand, make, noting } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { answer, chunk, ends, replaced, streaming } = require('./streams')
const { turns, until } = require('./waiting')

const test = group('chunks')

test('of a refused send nothing reaches the app; of the next all does, in order and at once', async () => {
  const { sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].tell('ChunkReceived', chunk(2))
  equal(heard, [])
  sent[0].options.success(answer(401))
  await until(() => sent.length === 2)
  equal(heard, [])
  sent[1].tell('HeadersReceived', answer(200))
  equal(heard, ['headers 200'])
  sent[1].tell('ChunkReceived', chunk(3))
  sent[1].tell('ChunkReceived', chunk(4))
  equal(heard, ['headers 200', 3, 4])
  sent[1].options.success(answer(200))
  equal(heard, ['headers 200', 3, 4].concat(ends(200)))
})

test('headers with a status that is no refusal let everything pass at once', async () => {
  for (const statusCode of [200, 206, 302, 399]) {
    const { sent, heard } = await streaming()
    sent[0].tell('HeadersReceived', answer(statusCode))
    sent[0].tell('ChunkReceived', chunk(1))
    equal(heard, [`headers ${statusCode}`, 1])
    sent[0].options.success(answer(statusCode))
    equal(heard.slice(2), ends(statusCode))
  }
})

test('an answer that is in trouble but no refusal arrives whole, before its success', async () => {
  for (const statusCode of [400, 403, 404, 500, 503]) {
    const { world, sent, heard } = await streaming()
    sent[0].tell('HeadersReceived', answer(statusCode))
    sent[0].tell('ChunkReceived', chunk(1))
    sent[0].tell('ChunkReceived', chunk(2))
    equal(heard, [])
    sent[0].options.success(answer(statusCode))
    equal(heard, [`headers ${statusCode}`, 1, 2].concat(ends(statusCode)))
    equal([sent.length, world.phone.counts.logins], [1, 1])
  }
})

test('the second refusal of a call reaches the app with its headers and chunks', async () => {
  const { sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].options.success(answer(401))
  await until(() => sent.length === 2)
  sent[1].tell('HeadersReceived', answer(401))
  sent[1].tell('ChunkReceived', chunk(2))
  sent[1].options.success(answer(401))
  equal(heard, ['headers 401', 2].concat(ends(401)))
})

test('a refusal that ends the session reaches the app with its headers and chunks', async () => {
  const { world, sent, heard } = await streaming()
  sent[0].tell('HeadersReceived', answer(401, replaced))
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].options.success(answer(401, replaced))
  equal([heard, world.session.state], [['headers 401', 1].concat(ends(401)), 'ended'])
})

test('of a call that goes bare everything passes at once', async () => {
  const { sent, heard } = await streaming({ auth: false })
  sent[0].tell('HeadersReceived', answer(401))
  sent[0].tell('ChunkReceived', chunk(1))
  equal(heard, ['headers 401', 1])
  sent[0].options.success(answer(401))
  equal([heard.slice(2), sent.length], [ends(401), 1])
})

test('a listener that aborts the call hears no more, whether chunks were held or not', async () => {
  for (const statusCode of [200, 404]) {
    const { world, sent, heard, task } = await streaming()
    task.onChunkReceived(() => task.abort())
    sent[0].tell('HeadersReceived', answer(statusCode))
    sent[0].tell('ChunkReceived', chunk(1))
    sent[0].tell('ChunkReceived', chunk(2))
    sent[0].options.success(answer(statusCode))
    await world.failure(task, 'aborted')
    await turns(3)
    equal(heard, [`headers ${statusCode}`, 1, 'fail aborted', 'complete aborted'])
    if (statusCode === 200) equal(sent[0].aborts, 1)
  }
})

test('a call that is aborted while its chunks are held gives none of them', async () => {
  const { world, sent, heard, task } = await streaming()
  sent[0].tell('HeadersReceived', answer(401))
  sent[0].tell('ChunkReceived', chunk(1))
  task.abort()
  sent[0].tell('ChunkReceived', chunk(2))
  sent[0].options.success(answer(401))
  await world.failure(task, 'aborted')
  equal([heard, sent.length, world.phone.counts.logins], [['fail aborted', 'complete aborted'], 1, 1])
})

test('a listener that was taken off while chunks are held hears nothing, one that came then hears all', async () => {
  const { sent, heard, task } = await streaming()
  task.offChunkReceived()
  const told = []
  const off = () => told.push('off')
  task.onChunkReceived(off)
  sent[0].tell('HeadersReceived', answer(404))
  sent[0].tell('ChunkReceived', chunk(1))
  task.offChunkReceived(off)
  task.onChunkReceived(({ data }) => told.push(data.byteLength))
  sent[0].options.success(answer(404))
  equal([told, heard], [[1], ['headers 404'].concat(ends(404))])
})

test('what a chunk listener throws is thrown on, and the others and success hear all the same', async () => {
  const { world, sent, heard, task } = await streaming()
  task.onChunkReceived(() => {
    throw new Error('of the app')
  })
  sent[0].tell('HeadersReceived', answer(404))
  sent[0].tell('ChunkReceived', chunk(1))
  sent[0].options.success(answer(404))
  equal([heard, (await world.thrownOn(1)).length], [['headers 404', 1].concat(ends(404)), 1])
})

test('events of any kind break nothing', async () => {
  for (const value of [undefined, null, 'x', 17, { data: 'text' }, { data: null, statusCode: 'x', header: 17 }]) {
    const world = await (await start()).signedIn()
    const sent = byHand(world, 'request')
    const heard = []
    const task = make(world, 'request', '/stream', noting(heard))
    const told = []
    task.onHeadersReceived(() => told.push('headers'))
    task.onChunkReceived(() => told.push('chunk'))
    sent[0].tell('HeadersReceived', value)
    sent[0].tell('ChunkReceived', value)
    sent[0].options.success(answer(200))
    equal([told, heard], [['headers', 'chunk'], ends(200)])
  }
})
