/* A socket opens with a live session, and is never reopened. */
'use strict'

const { equal, ok } = require('./assert')
const { deeplyFrozen, sends } = require('./kinds')
const { isOpen, opened } = require('./listening')
const { group } = require('./runner')
const { start } = require('./start')
const { turns, until } = require('./waiting')

const test = group('sockets')

const live = async (setting) => (await start(setting)).signedIn()

const session = (world, place) => world.phone.sockets[place].header.sessionid

test('a socket waits for the sign-in and opens with the session, and what is said passes', async () => {
  const world = await start()
  const socket = opened(world, '/live')
  equal([world.session.state, world.phone.counts.sockets], ['loading', 0])
  await until(isOpen(socket))
  equal([world.phone.counts.logins, session(world, 0)], [1, world.backend.ids[0]])
  const [end] = world.backend.sockets
  const arrived = []
  end.onMessage((data) => arrived.push(typeof data === 'string' ? data : data.length))
  const sent = []
  socket.task.send({ data: 'hello', success: ({ errMsg }) => sent.push(errMsg) })
  socket.task.send({ data: new Uint8Array([1, 2]).buffer })
  end.send('welcome')
  end.send(new Uint8Array([1, 2, 3]))
  await until(() => arrived.length === 2 && socket.heard.length === 5)
  equal([arrived, sent], [['hello', 2], ['sendSocketMessage:ok']])
  equal(socket.heard, ['success ok', 'complete ok', 'open', 'welcome', '3 bytes'])
})

test('with a live session wx has the socket before connectSocket returns', async () => {
  const world = await live()
  const socket = opened(world, '/live')
  equal([world.phone.counts.sockets, session(world, 0)], [1, world.backend.ids[0]])
  await until(isOpen(socket))
})

test('calls and sockets without a session share one sign-in', async () => {
  const world = await start()
  const sockets = [1, 2, 3].map(() => opened(world, '/live'))
  equal(await world.calls(3), [200, 200, 200])
  for (const socket of sockets) await until(isOpen(socket))
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 4 })
})

test('wss counts as https; ws, other origins and auth: false open bare, and sign nobody in', async () => {
  const world = await start({ options: { loginUrl: 'https://api.example.com/wx/onlogin' } })
  world.phone.hooks.request = (/** @type {any} */ request) => ({
    answer: world.backend.answer(Object.assign({}, request, { body: String.fromCharCode.apply(null, request.bytes) })),
  })
  world.phone.hooks.connectSocket = () => ({ answer: { accept: (end) => end.close() } })
  const bare = ['wss://evil.example', 'ws://api.example.com', 'wss://api.example.com:444', 'wss://api.example.com@x']
  const socket = (url, options) => world.session.connectSocket(Object.assign({ url }, options))
  bare.forEach((url) => socket(url))
  socket('wss://api.example.com/', { auth: false })
  await until(() => world.phone.sockets.filter(({ state }) => state === 'closed').length === 5)
  equal(
    world.phone.sockets.filter(({ header }) => 'sessionid' in header),
    [],
  )
  equal([world.phone.counts.logins, world.session.state], [0, 'signed-out'])
  await world.signedIn()
  for (const url of ['wss://api.example.com/a', 'WSS://API.example.com:443/a', '/a']) socket(url)
  equal(
    world.phone.sockets.slice(5).map(({ header }) => header.sessionid),
    [1, 2, 3].map(() => world.backend.ids[0]),
  )
  equal(world.phone.sockets[7].url, 'wss://api.example.com/a')
})

test('the options and headers of the app are never changed, and survive', async () => {
  const world = await live()
  const options = deeplyFrozen({ header: { 'X-Trace': 'a', SESSIONID: 'mine' }, protocols: ['chat'], tcpNoDelay: true })
  await until(isOpen(opened(world, '/live', options)))
  const [{ header }] = world.phone.sockets
  equal([header['X-Trace'], header.SESSIONID, header['sec-websocket-protocol']], ['a', undefined, 'chat'])
})

test('a socket is no promise, and is the same when it is awaited', async () => {
  const world = await live()
  const { task } = opened(world, '/live')
  equal([typeof task.then, typeof task.catch, typeof task.finally], ['undefined', 'undefined', 'undefined'])
  ok((await Promise.resolve(task)) === task, 'itself')
})

test('success, and the close, that wx tells three times are heard once', async () => {
  const world = await live()
  world.phone.hooks.connectSocket = () => ({ times: 3, eventTimes: 3 })
  const { heard } = opened(world, '/live')
  await until(() => world.backend.sockets.length === 1)
  world.backend.sockets[0].close(1001)
  await until(() => heard.indexOf('close 1001') >= 0)
  await turns(4)
  equal(
    heard.filter((word) => word !== 'open'),
    ['success ok', 'complete ok', 'close 1001'],
  )
  equal(sends(world, 'connectSocket', '/live').length, 1)
})

test('what a listener throws is thrown on, and disturbs neither the others nor the session', async () => {
  const world = await live()
  const socket = opened(world, '/live')
  const toss = () => {
    throw new Error('of the app')
  }
  for (const event of ['onOpen', 'onMessage', 'onClose']) socket.task[event](toss)
  await until(isOpen(socket))
  world.backend.sockets[0].send('a')
  world.backend.sockets[0].close(4401)
  await until(() => socket.heard.length === 5)
  await until(() => world.phone.counts.logins === 2)
  equal((await world.thrownOn(3)).length, 3)
})
