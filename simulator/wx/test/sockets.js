'use strict'

const { equal, sleep, test } = require('./runner')
const { called, failureOf, start, successOf } = require('./start')

const address = (url) => url.replace(/^http/, 'ws')

/** A phone, and a backend that accepts every socket; `ends` are its ends of them. */
async function withSockets(options) {
  const ends = []
  const seen = []
  const world = await start((request) => {
    seen.push(request)
    return { accept: (end) => ends.push(end) }
  }, options)
  return Object.assign(world, { ends, seen, ws: address(world.url) })
}

/** Opens a socket and notes its events; `next` waits for as many as there shall be. */
function listen(phone, options) {
  const task = phone.wx.connectSocket(options)
  const events = []
  let waiting = () => {}
  const note = (name) => (value) => {
    events.push([name, value])
    waiting()
  }
  for (const name of ['Open', 'Message', 'Close', 'Error']) task[`on${name}`](note(name))
  const next = (number) => new Promise((resolve) => {
    waiting = () => { if (events.length >= number) resolve(events) }
    waiting()
  })
  return { task, events, next }
}

test('a socket opens with its headers, and success says only that the call was taken', async () => {
  const { phone, ws, seen, close } = await withSockets()
  const order = []
  const header = { sessionid: 's', Referer: 'mine' }
  const options = { url: `${ws}/feed?a=1`, header, protocols: ['v2', 'v1'], success: ({ errMsg }) => order.push(errMsg) }
  const { task, next } = listen(phone, options)
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
    }
  }))
  const { task, next } = listen(phone, { url: address(url) })
  await next(2)
  equal((await successOf(task.send, { data: '✓' })).errMsg, 'sendSocketMessage:ok')
  task.send({ data: new Uint8Array([1, 255]).buffer })
  const said = (await next(4)).slice(1).map(([name, { data }]) =>
    [name, data instanceof ArrayBuffer ? Array.from(new Uint8Array(data)) : data])
  equal(said, [['Message', 'welcome'], ['Message', '✓'], ['Message', [1, 255]]])
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
  equal(events.slice(1), [['Message', { data: 'goodbye' }], ['Close', { code: 4401, reason: 'session_expired' }]])
  await sleep(5)
  equal(events.length, 3)
  equal(closed, [[4401, 'session_expired']])
  equal([phone.sockets[0].state, phone.sockets[0].code], ['closed', 4401])
  await close()
})

test('the program closes with a code and a reason, 1000 by default', async () => {
  const { phone, ws, ends, close } = await withSockets()
  for (const [given, told] of [[{ code: 3000, reason: 'enough' }, [3000, 'enough']], [undefined, [1000, '']]]) {
    const { task, next } = listen(phone, { url: ws })
    await next(1)
    const closed = []
    ends[ends.length - 1].onClose((code, reason) => closed.push(code, reason))
    task.close(given)
    const [, [name, { code, reason }]] = await next(2)
    equal([name, code, reason], ['Close'].concat(told))
    equal(closed, told)
  }
  await close()
})

test('nothing is sent before a socket opens or after it was closed', async () => {
  const { phone, ws, close } = await withSockets()
  const { task, next } = listen(phone, { url: ws })
  const refusal = { errMsg: 'SocketTask.send:fail SocketTask.readyState is not OPEN' }
  equal(await failureOf(task.send, { data: 'early' }), refusal)
  await next(1)
  equal((await failureOf(task.send, { data: 5 })).errMsg,
    'SocketTask.send:fail parameter error: parameter.data should be String instead of Number;')
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
  equal(ends.length, 0)
  await close()
})

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

test('a socket that does not open in time is an error, and the backend hears of it', async () => {
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
  equal(sixth.map(([name]) => name), ['fail', 'complete'])
  equal(sixth[0][1], { errMsg: 'connectSocket:fail fail reach max websocket connect count 5' })
  await five[0].next(1)
  five[0].task.close()
  await five[0].next(2)
  const { next } = listen(phone, { url: ws })
  equal((await next(1))[0][0], 'Open')
  await close()
})

test('a socket needs an address of its own kind, within the domains', async () => {
  const { phone } = await start(() => ({}), { domains: ['wss://a.example'] })
  equal(await failureOf(phone.wx.connectSocket, { url: 'https://a.example' }), {
    errMsg: 'connectSocket:fail invalid url "https://a.example"',
    errno: 600009
  })
  equal((await failureOf(phone.wx.connectSocket, { url: 'wss://b.example' })).errno, 600002)
  equal((await failureOf(phone.wx.connectSocket, {})).errno, 1001)
  equal(phone.sockets.map(({ state }) => state), ['failed', 'failed', 'failed'])
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
  equal((await next(4)).map(([name]) => name), ['Open', 'Open', 'Close', 'Close'])
  equal(asked, [[1, '/feed']])

  phone.hooks.connectSocket = () => ({ fail: null })
  equal(await failureOf(phone.wx.connectSocket, { url: 'wss://a.example' }), null)
  phone.hooks.connectSocket = () => ({ answer: { accept() {} }, times: 0 })
  const silent = listen(phone, { url: 'wss://a.example', complete: () => told.push('complete') })
  equal((await silent.next(1)).map(([name]) => name), ['Open'])
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
  equal(events.map(([name]) => name), ['Close'])
  equal([calls, ends.length], [['success'], 0])
  await close()
})
