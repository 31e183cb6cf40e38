'use strict'

const { address, listen, withSockets } = require('./listening')
const { equal, sleep, test } = require('./runner')
const { failureOf, start, successOf } = require('./start')

test('a socket opens with its headers, and success says only that the call was taken', async () => {
  const { phone, ws, seen, close } = await withSockets()
  const order = []
  const header = { sessionid: 's', Referer: 'mine' }
  const success = ({ errMsg }) => order.push(errMsg)
  const { task, next } = listen(phone, { url: `${ws}/feed?a=1`, header, protocols: ['v2', 'v1'], success })
  task.onOpen(() => order.push('open'))
  order.push('returned')
  await next(1)
  equal(order, ['returned', 'connectSocket:ok', 'open'])
  const [{ method, path, query, header: arrived, upgrade }] = seen
  equal([method, path, query, upgrade], ['GET', '/feed', { a: '1' }, true])
  equal([arrived.sessionid, arrived['sec-websocket-protocol']], ['s', 'v2, v1'])
  equal(/^https:\/\/servicewechat\.com\/wx/.test(arrived.referer), true)
  equal(phone.counts.sockets, 1)
  equal([phone.sockets[0].path, phone.sockets[0].header.sessionid, phone.sockets[0].state], ['/feed', 's', 'open'])
  await close()
})

test('messages go both ways in order, text as text and bytes as an ArrayBuffer', async () => {
  const { phone, url, close } = await start(() => ({
    accept(socket) {
      socket.send('welcome')
      socket.onMessage((data) => socket.send(data))
    },
  }))
  const { task, next } = listen(phone, { url: address(url) })
  await next(2)
  equal((await successOf(task.send, { data: '✓' })).errMsg, 'sendSocketMessage:ok')
  task.send({ data: new Uint8Array([1, 255]).buffer })
  const said = (await next(4))
    .slice(1)
    .map(([name, { data }]) => [name, data instanceof ArrayBuffer ? Array.from(new Uint8Array(data)) : data])
  equal(said, [
    ['Message', 'welcome'],
    ['Message', '✓'],
    ['Message', [1, 255]],
  ])
  await close()
})

test('the server closes with a code and a reason, after what it said before', async () => {
  const { phone, ws, ends, close } = await withSockets()
  const { next } = listen(phone, { url: ws })
  await next(1)
  const closed = []
  ends[0].onClose((code, reason) => closed.push([code, reason]))
  ends[0].send('goodbye')
  ends[0].close(4401, 'session_expired')
  ends[0].send('too late')
  const events = await next(3)
  equal(events.slice(1), [
    ['Message', { data: 'goodbye' }],
    ['Close', { code: 4401, reason: 'session_expired' }],
  ])
  await sleep(5)
  equal(events.length, 3)
  equal(closed, [[4401, 'session_expired']])
  equal([phone.sockets[0].state, phone.sockets[0].code], ['closed', 4401])
  await close()
})

test('the program closes with a code and a reason, 1000 by default', async () => {
  const { phone, ws, ends, close } = await withSockets()
  for (const [given, told] of [
    [{ code: 3000, reason: 'enough' }, [3000, 'enough']],
    [undefined, [1000, '']],
  ]) {
    const { task, next } = listen(phone, { url: ws })
    await next(1)
    const closed = []
    ends[ends.length - 1].onClose((code, reason) => closed.push(code, reason))
    task.close(given)
    const [, [name, { code, reason }]] = await next(2)
    equal([name, code, reason], /** @type {unknown[]} */ (['Close']).concat(told))
    equal(closed, told)
  }
  await close()
})

test('a task tells its state', async () => {
  const { phone, ws, close } = await withSockets()
  const { task, next } = listen(phone, { url: ws })
  const { CONNECTING, OPEN, CLOSING, CLOSED } = task
  equal([task.readyState, CONNECTING, OPEN, CLOSING, CLOSED], [0, 0, 1, 2, 3])
  await next(1)
  equal(task.readyState, OPEN)
  task.close()
  equal(task.readyState, CLOSING)
  await next(2)
  equal(task.readyState, CLOSED)
  await close()
})

test('nothing is sent before a socket opens or after it was closed', async () => {
  const { phone, ws, close } = await withSockets()
  const { task, next } = listen(phone, { url: ws })
  const refusal = { errMsg: 'SocketTask.send:fail SocketTask.readyState is not OPEN' }
  equal(await failureOf(task.send, { data: 'early' }), refusal)
  await next(1)
  equal(
    (await failureOf(task.send, { data: 5 })).errMsg,
    'SocketTask.send:fail parameter error: parameter.data should be String instead of Number;',
  )
  equal((await successOf(task.close, {})).errMsg, 'closeSocket:ok')
  equal(await failureOf(task.send, { data: 'late' }), refusal)
  equal(await failureOf(task.close, {}), { errMsg: 'SocketTask.close:fail SocketTask.readyState is CLOSED' })
  await close()
})

test('a socket that is closed before it opens never opens', async () => {
  const { phone, ws, ends, close } = await withSockets()
  const { task, events, next } = listen(phone, { url: ws })
  task.close({ code: 3000 })
  await next(1)
  await sleep(20)
  equal(events, [['Close', { code: 1006, reason: 'abnormal closure' }]])

  const interrupted = listen(phone, { url: ws })
  interrupted.task.close()
  phone.interrupt()
  await sleep(20)
  equal(interrupted.events, [['Close', { code: 1006, reason: 'interrupted' }]])
  equal(ends.length, 0)
  await close()
})

test('a socket needs an address of its own kind, within the domains', async () => {
  const { phone } = await start(() => ({}), { domains: ['wss://a.example'] })
  equal(await failureOf(phone.wx.connectSocket, { url: 'https://a.example' }), {
    errMsg: 'connectSocket:fail invalid url "https://a.example"',
    errno: 600009,
  })
  equal((await failureOf(phone.wx.connectSocket, { url: 'wss://b.example' })).errno, 600002)
  equal((await failureOf(phone.wx.connectSocket, {})).errno, 1001)
  equal(
    phone.sockets.map(({ state }) => state),
    ['failed', 'failed', 'failed'],
  )
})
