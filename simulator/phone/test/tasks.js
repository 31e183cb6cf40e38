'use strict'

const { equal, sleep, test, until } = require('./runner')
const { called, failureOf, start, successOf } = require('./start')

test('ten requests run at once, the rest queue in order', async () => {
  const order = []
  let answer
  const answered = new Promise((resolve) => {
    answer = resolve
  })
  const { phone, url } = await start(async ({ path }) => {
    order.push(path)
    await answered
    return {}
  })
  const all = []
  for (let number = 0; number < 25; number++) all.push(successOf(phone.wx.request, { url: `${url}/${number}` }))
  equal(phone.requests.filter(({ state }) => state === 'queued').length, 15)
  await until(() => order.length === 10)
  await sleep(20)
  equal(order.length, 10)
  answer()
  await Promise.all(all)
  equal(order.slice().sort(), Array.from({ length: 25 }, (_, number) => `/${number}`).sort())
})

test('a request that is aborted in the queue is never sent', async () => {
  const seen = []
  const { phone, url } = await start(({ path }) => {
    seen.push(path)
    return { delay: 20 }
  })
  const all = []
  for (let number = 0; number < 10; number++) all.push(successOf(phone.wx.request, { url: `${url}/in` }))
  const queued = failureOf(phone.wx.request, { url: `${url}/queued` }, (task) => task.abort())
  all.push(successOf(phone.wx.request, { url: `${url}/last` }))
  equal(await queued, { errMsg: 'request:fail abort' })
  await Promise.all(all)
  equal(
    seen.filter((path) => path !== '/in'),
    ['/last'],
  )
})

test('abort fails with abort, once, and after the end does nothing', async () => {
  const { phone, url } = await start(() => ({ delay: 20 }))
  let task
  const calls = await called(phone.wx.request, { url }, (made) => {
    task = made
    task.abort()
    task.abort()
  })
  equal(
    calls.map(([name]) => name),
    ['fail', 'complete'],
  )
  await sleep(40)
  task.abort()
  await sleep(5)
  equal(calls.length, 2)

  const whole = await called(phone.wx.request, { url }, (made) => {
    task = made
  })
  task.abort()
  await sleep(5)
  equal(
    whole.map(([name]) => name),
    ['success', 'complete'],
  )
})

test('an aborted request leaves its lane to another', async () => {
  const { phone, url } = await start(() => ({ hang: true }))
  const tasks = []
  for (let number = 0; number < 11; number++) tasks.push(phone.wx.request({ url }))
  equal(phone.requests[10].state, 'queued')
  tasks[0].abort()
  equal(phone.requests[10].state, 'sent')
  phone.stop()
})

test('headers and chunks are told to those who listen, until they stop', async () => {
  const { phone, url } = await start(() => ({ header: { 'X-A': '1' }, chunks: ['one', 'two'] }))
  const told = []
  const silent = () => told.push('silent')
  const { data } = await successOf(phone.wx.request, { url, enableChunked: true }, (task) => {
    task.onHeadersReceived(({ header, statusCode }) => told.push([header['X-A'], statusCode]))
    task.onChunkReceived(({ data: bytes }) => told.push([bytes instanceof ArrayBuffer, bytes.byteLength]))
    task.onChunkReceived(silent)
    task.offChunkReceived(silent)
  })
  equal(told, [
    ['1', 200],
    [true, 3],
    [true, 3],
  ])
  equal(data, '')
  const withoutStatus = phone.restart({ headersCarryStatus: false })
  await successOf(withoutStatus.wx.request, { url }, (task) => {
    task.onHeadersReceived((event) => told.push('statusCode' in event))
    task.onHeadersReceived(() => {
      throw new Error('of the app')
    })
  })
  equal(told[3], false)
  equal(withoutStatus.thrown[0].where, 'request:onHeadersReceived')
})
