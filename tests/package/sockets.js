/* A socket opens with a live session, and is never opened again by itself. */
'use strict'

const { equal, ok } = require('./assert')
const { deeplyFrozen, make, noting, sends } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('sockets')

const live = async (setting) => (await start(setting)).signedIn()

/** A socket, and everything that it tells. */
function opened(world, path, options) {
  const heard = []
  const task = make(world, 'connectSocket', path, Object.assign(noting(heard), options))
  task.onOpen(() => heard.push('open'))
  task.onMessage(({ data }) => heard.push(typeof data === 'string' ? data : `${data.byteLength} bytes`))
  task.onError((error) => heard.push(`error ${error.code || error.errMsg}`))
  task.onClose(({ code, reason }) => heard.push(`close ${code} ${reason}`.trim()))
  return { heard, task }
}

const isOpen = ({ heard }) => () => heard.indexOf('open') >= 0
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
  world.phone.hooks.request = (request) => ({
    answer: world.backend.answer(Object.assign({}, request, { body: String.fromCharCode.apply(null, request.bytes) }))
  })
  world.phone.hooks.connectSocket = () => ({ answer: { accept: (end) => end.close() } })
  const bare = ['wss://evil.example', 'ws://api.example.com', 'wss://api.example.com:444', 'wss://api.example.com@x']
  const socket = (url, options) => world.session.connectSocket(Object.assign({ url }, options))
  bare.forEach((url) => socket(url))
  socket('wss://api.example.com/', { auth: false })
  await until(() => world.phone.sockets.filter(({ state }) => state === 'closed').length === 5)
  equal(world.phone.sockets.filter(({ header }) => 'sessionid' in header), [])
  equal([world.phone.counts.logins, world.session.state], [0, 'signed-out'])
  await world.signedIn()
  for (const url of ['wss://api.example.com/a', 'WSS://API.example.com:443/a', '/a']) socket(url)
  equal(world.phone.sockets.slice(5).map(({ header }) => header.sessionid), [1, 2, 3].map(() => world.backend.ids[0]))
  equal(world.phone.sockets[7].url, 'wss://api.example.com/a')
})

test('the options and headers of the app are never changed, and survive', async () => {
  const world = await live()
  const options = deeplyFrozen({ header: { 'X-Trace': 'a', SESSIONID: 'mine' }, protocols: ['chat'], tcpNoDelay: true })
  await until(isOpen(opened(world, '/live', options)))
  const [{ header }] = world.phone.sockets
  equal([header['X-Trace'], header.SESSIONID, header['sec-websocket-protocol']], ['a', undefined, 'chat'])
})

test('a sign-in that fails reaches fail, complete and onError, each once, and nothing opens', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  const { heard } = opened(world, '/live')
  await until(() => heard.length === 3)
  await turns(4)
  equal(heard, ['fail login_failed', 'complete login_failed', 'error login_failed'])
  equal(world.phone.counts.sockets, 0)
})

test('a core that cannot be loaded, and a sign-out, reach the socket in the same way', async () => {
  const world = await start({ before: (backend, phone) => { phone.WXWebAssembly.instantiate = thrower } })
  const { heard } = opened(world, '/live')
  for (let attempt = 0; attempt < 3; attempt++) {
    await turns(4)
    await world.clock.pass(100)
  }
  await until(() => heard.length === 3)
  equal(heard, ['fail load_failed', 'complete load_failed', 'error load_failed'])
  const other = await live()
  await other.session.logout()
  const late = opened(other, '/live')
  equal(late.heard, [])
  await until(() => late.heard.length === 3)
  equal(late.heard, ['fail signed_out', 'complete signed_out', 'error signed_out'])
})

function thrower() {
  throw new Error('no module')
}

test('a socket that wx does not take says so once', async () => {
  const world = await live()
  for (const fail of [{ errMsg: 'connectSocket:fail' }, 'fail', null]) {
    world.phone.hooks.connectSocket = () => ({ fail, times: 2 })
    const { heard } = opened(world, '/live')
    await turns(6)
    equal(heard, ['fail request_failed', 'complete request_failed', 'error request_failed'])
  }
})

test('a socket that never opens tells its app what wx tells', async () => {
  for (const closeAfterError of [false, true]) {
    const world = await live({ phone: { closeAfterError } })
    world.backend.call = () => ({ statusCode: 404 })
    const { heard } = opened(world, '/live')
    await until(() => heard.some((word) => /^error/.test(word)))
    await turns(4)
    const closed = closeAfterError ? ['close 1006 abnormal closure'] : []
    equal(heard, ['success ok', 'complete ok', 'error Invalid HTTP status.'].concat(closed))
    equal([world.phone.counts.logins, world.session.state], [1, 'signed-in'])
  }
})

for (const stage of ['before the core is loaded', 'while the sign-in runs']) {
  test(`a socket that is closed ${stage} never opens, and says that it is closed`, async () => {
    const world = await start()
    const gate = createGate()
    world.backend.exchange = () => gate.opened
    const socket = opened(world, '/live')
    const other = world.call('/b')
    if (stage !== 'before the core is loaded') await until(() => world.backend.exchanges() === 1)
    const closed = []
    const note = (word) => () => closed.push(word)
    socket.task.close({ code: 1000, reason: 'enough', success: note('success'), complete: note('complete') })
    equal([socket.heard, closed], [[], []])
    gate.open()
    equal((await other).statusCode, 200)
    await turns(4)
    equal([world.phone.counts.sockets, closed], [0, ['success', 'complete']])
    equal(socket.heard, ['fail aborted', 'complete aborted', 'close 1000 enough'])
  })
}

test('sending before the socket is open, and after its end, fails in a later turn', async () => {
  const world = await start()
  const socket = opened(world, '/live')
  const failed = []
  const sendTo = () => socket.task.send({ data: 'x', fail: ({ errMsg }) => failed.push(/fail/.test(errMsg)) })
  sendTo()
  equal(failed, [])
  await until(isOpen(socket))
  equal(failed, [true])
  world.backend.sockets[0].close()
  await until(() => socket.heard.some((word) => /^close/.test(word)))
  sendTo()
  socket.task.close({ fail: () => failed.push('closed') })
  await turns(3)
  equal(failed, [true, true, 'closed'])
})

test('an open socket closes as its app says', async () => {
  const world = await live()
  const socket = opened(world, '/live')
  await until(isOpen(socket))
  const seen = []
  world.backend.sockets[0].onClose((code, reason) => seen.push([code, reason]))
  socket.task.close({ code: 4000, reason: 'bye' })
  await until(() => socket.heard.length === 4)
  equal([seen, socket.heard[3]], [[[4000, 'bye']], 'close 4000 bye'])
})

test('a socket is no promise, and is the same when it is awaited', async () => {
  const world = await live()
  const { task } = opened(world, '/live')
  equal([typeof task.then, typeof task.catch, typeof task.finally], ['undefined', 'undefined', 'undefined'])
  ok(await Promise.resolve(task) === task, 'itself')
})

test('success, and the close, that wx tells three times are heard once', async () => {
  const world = await live()
  world.phone.hooks.connectSocket = () => ({ times: 3, eventTimes: 3 })
  const { heard } = opened(world, '/live')
  await until(() => world.backend.sockets.length === 1)
  world.backend.sockets[0].close(1001)
  await until(() => heard.indexOf('close 1001') >= 0)
  await turns(4)
  equal(heard.filter((word) => word !== 'open'), ['success ok', 'complete ok', 'close 1001'])
  equal(sends(world, 'connectSocket', '/live').length, 1)
})

test('a listener that throws is printed, and disturbs neither the others nor the session', async () => {
  const world = await live()
  const socket = opened(world, '/live')
  const toss = () => { throw new Error('of the app') }
  for (const event of ['onOpen', 'onMessage', 'onClose']) socket.task[event](toss)
  await until(isOpen(socket))
  world.backend.sockets[0].send('a')
  world.backend.sockets[0].close(4401)
  await until(() => socket.heard.length === 5)
  await until(() => world.phone.counts.logins === 2)
  equal(world.phone.console.splice(0).length, 3)
})
