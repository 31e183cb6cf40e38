/* Sockets that never open, are closed before they do, or close. */
'use strict'

const { equal, ok } = require('./assert')
const { byHand, make, noting } = require('./kinds')
const { isOpen, opened } = require('./listening')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('ends of sockets')

const live = async (setting) => (await start(setting)).signedIn()

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
  const world = await start({
    before: (backend, phone) => {
      phone.WXWebAssembly.instantiate = thrower
    },
  })
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

test('what wx tells of a socket that fails is told without the session', async () => {
  const world = await live({ options: { sessionPlace: 'query' } })
  const sent = byHand(world, 'connectSocket')
  const errors = []
  const task = world.session.connectSocket({ url: '/live' })
  task.onError((error) => errors.push(error))
  sent[0].tell('Error', { errMsg: `connectSocket:fail ${sent[0].options.url}`, errno: 600009 })
  world.told.errors.push(errors[0])
  equal([errors.length, errors[0].code, errors[0].errno], [1, 'request_failed', 600009])
  ok(/^connectSocket:fail ws/.test(errors[0].errMsg), 'what wx said is told')
})

test('a socket that never opens tells its app what wx tells', async () => {
  for (const closeAfterError of [false, true]) {
    const world = await live({ phone: { closeAfterError } })
    world.backend.call = () => ({ statusCode: 404 })
    const { heard } = opened(world, '/live')
    await until(() => heard.some((word) => /^error/.test(word)))
    await turns(4)
    const closed = closeAfterError ? ['close 1006 abnormal closure'] : []
    equal(heard, ['success ok', 'complete ok', 'error request_failed'].concat(closed))
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

test('a close without a code or reason is an ordinary one', async () => {
  const world = await start()
  const { heard, task } = opened(world, '/live')
  task.close()
  await until(() => heard.length === 3)
  equal(heard[2], 'close 1000')
})

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

test('a socket that is closed in its success, in the tick of wx.connectSocket, does not stay open', async () => {
  const world = await start({ phone: { sameTick: true } })
  const task = make(world, 'connectSocket', '/live', { success: () => task.close() })
  await until(() => world.phone.counts.sockets === 1)
  await turns(8)
  equal(world.phone.sockets[0].state, 'closed')
})

test('a socket that is closed before wx has taken it still has one end', async () => {
  const world = await live()
  world.phone.hooks.connectSocket = () => ({ delay: 100 })
  const heard = []
  make(world, 'connectSocket', '/live', noting(heard)).close()
  await turns(4)
  await world.clock.pass(100)
  equal(heard.length, 2)
})

test('a socket that wx fails after it succeeded still tells what happens', async () => {
  const world = await live()
  const sent = byHand(world, 'connectSocket')
  const heard = []
  const task = make(world, 'connectSocket', '/live', noting(heard))
  task.onOpen(() => heard.push('open'))
  sent[0].options.success({ errMsg: 'connectSocket:ok' })
  sent[0].options.fail('late')
  sent[0].tell('Open', {})
  equal(heard, ['success ok', 'complete ok', 'open'])
})
