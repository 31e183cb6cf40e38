/* Listeners of a task work from the start, across waits and resends. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('listeners')

const chunked = { header: { 'X-Kind': 'chunked' }, chunks: ['one', 'three'] }

/** Listens to all events of a task. Returns a list that grows with what it hears. */
function listens(task) {
  const told = []
  task.onHeadersReceived(({ header }) => told.push(header['X-Kind']))
  task.onChunkReceived(({ data }) => told.push(data.byteLength))
  return told
}

test('listeners that were set before wx had the call hear of it', async () => {
  const world = await start()
  world.backend.call = () => chunked
  const task = world.call('/products', { enableChunked: true })
  equal(world.session.state, 'loading')
  const told = listens(task)
  await task
  equal(told, ['chunked', 3, 5])
})

test('listeners that are set while wx has the call hear of it', async () => {
  const world = await (await start()).signedIn()
  world.backend.call = () => chunked
  const task = world.call('/products', { enableChunked: true })
  const told = listens(task)
  await task
  equal(told, ['chunked', 3, 5])
})

test('listeners hear of the second send', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.backend.call = () => (world.backend.ids.length === 2 ? chunked : undefined)
  const task = world.call('/products', { enableChunked: true })
  const told = listens(task)
  await task
  equal(told.slice(-3), ['chunked', 3, 5])
})

test('a listener that was taken off hears nothing, the others do', async () => {
  for (const isLive of [true, false]) {
    const world = await start()
    if (isLive) await world.signedIn()
    world.backend.call = () => chunked
    const task = world.call('/products', { enableChunked: true })
    const told = listens(task)
    const off = () => told.push('off')
    task.onHeadersReceived(off)
    task.onChunkReceived(off)
    task.offHeadersReceived(off)
    task.offChunkReceived(off)
    await task
    equal(told, ['chunked', 3, 5])
  }
})

test('without a listener, all of its kind are taken off', async () => {
  for (const isLive of [true, false]) {
    const world = await start()
    if (isLive) await world.signedIn()
    world.backend.call = () => chunked
    const task = world.call('/products', { enableChunked: true })
    const told = listens(task)
    task.offChunkReceived()
    await task
    equal(told, ['chunked'])
  }
})

test('a listener that was taken off between two sends does not hear of the second', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const told = []
  const listener = ({ header }) => told.push(header['X-Kind'])
  let task
  world.backend.exchange = () => task.offHeadersReceived(listener)
  world.backend.call = () => (world.backend.ids.length === 2 ? chunked : undefined)
  task = world.call('/products')
  task.onHeadersReceived(listener)
  await task
  equal(told.indexOf('chunked'), -1)
})

test('a wx whose tasks have no listeners breaks nothing', async () => {
  const world = await (await start()).signedIn()
  const native = world.phone.wx.request
  world.phone.wx.request = (options) => {
    native(options)
    return undefined
  }
  const task = world.call('/products')
  const told = listens(task)
  task.offChunkReceived()
  equal((await task).statusCode, 200)
  equal(told, [])
  const other = world.call('/products')
  other.abort()
  await world.failure(other, 'aborted')
})
