'use strict'

const { address, listen, withSockets } = require('./listening')
const { equal, sleep, test } = require('./runner')
const { called, failureOf, start } = require('./start')

test('a refused upgrade, a reset and a closed port are errors, and no close follows', async () => {
  const responses = { '/refused': { statusCode: 401 }, '/reset': { reset: true } }
  const { phone, url, close } = await start(({ path }) => responses[path])
  const outcome = async (path) => {
    const { events, next } = listen(phone, { url: address(url) + path })
    await next(1)
    await sleep(5)
    return events
  }
  equal(await outcome('/refused'), [['Error', { errMsg: 'Invalid HTTP status.' }]])
  equal(await outcome('/reset'), [['Error', { errMsg: 'End of File' }]])
  await close()
  equal(await outcome('/gone'), [['Error', { errMsg: 'Underlying Transport Error' }]])
})

test('a phone may tell of the close too when a socket does not open', async () => {
  const { phone, url, close } = await start(() => ({ statusCode: 401 }), { closeAfterError: true })
  const { next } = listen(phone, { url: address(url) })
  equal(
    (await next(2)).map(([name, { code }]) => [name, code]),
    [
      ['Error', undefined],
      ['Close', 1006],
    ],
  )
  await close()
})

test('a socket that does not open in time is an error', async () => {
  const { phone, url, close } = await start(() => ({ delay: 5000, accept() {} }))
  const { next } = listen(phone, { url: address(url), timeout: 20 })
  equal(await next(1), [['Error', { errMsg: 'timeout' }]])
  equal([phone.sockets[0].state, phone.sockets[0].failure], ['closed', { errMsg: 'timeout' }])
  await close()
})

test('five sockets at once: the sixth call fails, until one has closed', async () => {
  const { phone, ws, close } = await withSockets()
  const five = [1, 2, 3, 4, 5].map(() => listen(phone, { url: ws }))
  const sixth = await called(phone.wx.connectSocket, { url: ws })
  equal(
    sixth.map(([name]) => name),
    ['fail', 'complete'],
  )
  equal(sixth[0][1], { errMsg: 'connectSocket:fail fail reach max websocket connect count 5' })
  await five[0].next(1)
  five[0].task.close()
  await five[0].next(2)
  const { next } = listen(phone, { url: ws })
  equal((await next(1))[0][0], 'Open')
  await close()
})

test('the background, a change of network and the end of the server break a socket with 1006', async () => {
  const { phone, ws, ends, close } = await withSockets()
  const broken = async (breaking) => {
    const { next } = listen(phone, { url: ws })
    await next(1)
    const heard = new Promise((resolve) => ends[ends.length - 1].onClose(resolve))
    breaking()
    const [, event] = await next(2)
    equal(await heard, 1006)
    return event
  }
  equal(await broken(phone.interrupt), ['Close', { code: 1006, reason: 'interrupted' }])
  equal(await broken(phone.changeNetwork), ['Close', { code: 1006, reason: 'abnormal closure' }])
  equal(await broken(() => ends[ends.length - 1].cut()), ['Close', { code: 1006, reason: 'abnormal closure' }])
  equal(await broken(close), ['Close', { code: 1006, reason: 'abnormal closure' }])
})

test('a socket that is still opening when the network goes is an error', async () => {
  const { phone, ws, ends, close } = await withSockets()
  const { events, next } = listen(phone, { url: ws })
  phone.interrupt()
  await next(1)
  await sleep(5)
  equal(events, [['Error', { errMsg: 'interrupted' }]])
  equal(ends.length, 0)
  await close()
})

test('the end of the program breaks its sockets, and it hears nothing of it', async () => {
  const { phone, ws, ends, close } = await withSockets()
  const { events, next } = listen(phone, { url: ws })
  await next(1)
  const heard = new Promise((resolve) => ends[0].onClose(resolve))
  phone.stop()
  equal(await heard, 1006)
  equal(events.length, 1)
  await close()
})

test('a hook answers for the backend, or makes connectSocket fail, call in the same tick, late or never', async () => {
  const { phone } = await start(() => ({}))
  const asked = []
  phone.hooks.connectSocket = ({ number, path }) => {
    asked.push([number, path])
    return { answer: { accept: (socket) => socket.close(4401) }, eventTimes: 2, sameTick: true }
  }
  const told = []
  const { next } = listen(phone, { url: 'wss://a.example/feed', success: () => told.push('success') })
  equal(told, ['success'])
  equal(
    (await next(4)).map(([name]) => name),
    ['Open', 'Open', 'Close', 'Close'],
  )
  equal(asked, [[1, '/feed']])

  phone.hooks.connectSocket = () => ({ fail: null })
  equal(await failureOf(phone.wx.connectSocket, { url: 'wss://a.example' }), null)
  phone.hooks.connectSocket = () => ({ answer: { accept() {} }, times: 0 })
  const silent = listen(phone, { url: 'wss://a.example', complete: () => told.push('complete') })
  equal(
    (await silent.next(1)).map(([name]) => name),
    ['Open'],
  )
  equal(told, ['success'])
})

test('a socket whose call is delayed can be closed before it is taken', async () => {
  const { phone, ws, ends, close } = await withSockets()
  phone.hooks.connectSocket = () => ({ delay: 10 })
  const calls = []
  const { task, events, next } = listen(phone, { url: ws, success: () => calls.push('success') })
  task.close()
  await next(1)
  await sleep(30)
  equal(
    events.map(([name]) => name),
    ['Close'],
  )
  equal([calls, ends.length], [['success'], 0])
  await close()
})
