/* A server refuses the session of a socket with its close code. The session is renewed for the next socket. */
'use strict'

const { equal } = require('./assert')
const { make } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('socket refusals')

const live = async (setting) => (await start(setting)).signedIn()

/** Opens a socket. Returns the server's end, and the closes that the app hears of. */
async function connected(world, options) {
  const closes = []
  const place = world.backend.sockets.length
  const task = make(world, 'connectSocket', '/live', options)
  task.onClose(({ code }) => closes.push(Number(code)))
  await until(() => world.backend.sockets.length > place)
  return { closes, end: world.backend.sockets[place], task }
}

/** Has the server close a new socket, and waits until all is quiet. */
async function closedWith(world, code, reason, options) {
  const socket = await connected(world, options)
  socket.end.close(code, reason)
  await until(() => socket.closes.length === 1)
  await turns(2)
  await quiet(world)
  return socket
}

for (const reason of ['', 'session_expired', 'session_missing', 'of its own']) {
  test(`4401 with the reason "${reason}" renews the session for the next socket, and opens none`, async () => {
    const world = await live()
    const { closes } = await closedWith(world, 4401, reason)
    equal([closes, world.phone.counts.logins, world.phone.counts.sockets], [[4401], 2, 1])
    await connected(world)
    equal(world.phone.sockets[1].header.sessionid, world.backend.ids[1])
    equal([world.phone.counts.logins, world.session.state], [2, 'signed-in'])
  })
}

for (const code of ['session_replaced', 'session_revoked']) {
  test(`4401 with the reason ${code} ends the session`, async () => {
    const world = await live()
    await closedWith(world, 4401, code)
    equal([world.session.state, world.phone.counts.logins], ['ended', 1])
    await world.failure(world.call('/a'), code)
  })
}

test('the next socket, opened as soon as the first is closed, waits for the renewal', async () => {
  const world = await live()
  const { end, task } = await connected(world)
  let next
  task.onClose(() => {
    next = connected(world)
  })
  world.backend.expire()
  end.close(4401)
  await until(() => next)
  await next
  equal(
    world.phone.sockets.map(({ header }) => world.backend.ids.indexOf(header.sessionid)),
    [0, 1],
  )
  equal(world.phone.counts.logins, 2)
})

test('no other code says anything about the session', async () => {
  const world = await live()
  for (const code of [1000, 1001, 1006, 1008, 3401, 4000, 4400, 4403]) {
    await closedWith(world, code, 'session_replaced')
  }
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
})

test('the code is an option', async () => {
  const world = await live({ options: { refusalCloseCode: 4001 } })
  await closedWith(world, 4401, 'session_replaced')
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
  await closedWith(world, 4001)
  equal(world.phone.counts.logins, 2)
})

test('a server that closes every socket with 4401 costs no sign-in for each', async () => {
  const world = await live()
  for (let number = 0; number < 12; number++) await closedWith(world, 4401)
  equal([world.phone.counts.logins, world.session.state], [2, 'signed-in'])
  for (let second = 0; second < 60; second++) {
    await world.clock.pass(1000)
    await closedWith(world, 4401)
  }
  const { logins } = world.phone.counts
  equal(logins <= 14, true, `${logins} sign-ins in a minute of closes`)
})

test('a renewal that helped is forgotten: a socket that lived long is renewed at once when it is refused', async () => {
  const world = await live()
  await closedWith(world, 4401)
  for (const number of [3, 4]) {
    const { end, closes } = await connected(world)
    await world.clock.pass(3600000)
    end.close(4401)
    await until(() => closes.length === 1)
    await quiet(world)
    equal(world.phone.counts.logins, number)
  }
})

test('a session that dies often is renewed each time, however young the socket that tells', async () => {
  const world = await live()
  for (const number of [2, 3, 4, 5]) {
    await closedWith(world, 4401)
    equal(world.phone.counts.logins, number)
    await world.clock.pass(3600000)
  }
})

test('a socket of an older session says nothing about the newer', async () => {
  for (const reason of ['', 'session_replaced']) {
    const world = await live()
    const { end, closes } = await connected(world)
    await world.session.login({ force: true })
    end.close(4401, reason)
    await until(() => closes.length === 1)
    await quiet(world)
    equal([world.session.state, world.phone.counts.logins], ['signed-in', 2])
  }
})

test('a socket that went bare, and one from before a sign-out, sign nobody in', async () => {
  const world = await live()
  world.phone.hooks.connectSocket = () => ({
    answer: {
      accept: (socket) => {
        world.backend.sockets.push(socket)
      },
    },
  })
  await closedWith(world, 4401, 'session_replaced', { auth: false })
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
  const { end, closes } = await connected(world)
  await world.session.logout()
  end.close(4401)
  await until(() => closes.length === 1)
  await quiet(world)
  equal([world.session.state, world.phone.counts.logins], ['signed-out', 1])
})

test('a socket that went bare signs nobody in where there is no session', async () => {
  const world = await start()
  world.phone.hooks.connectSocket = () => ({
    answer: {
      accept: (socket) => {
        world.backend.sockets.push(socket)
      },
    },
  })
  await until(() => world.session.state === 'signed-out')
  await closedWith(world, 4401, '', { auth: false })
  equal([world.session.state, world.phone.counts.logins], ['signed-out', 0])
})

test('several sockets that are refused together make one sign-in', async () => {
  const world = await live()
  const sockets = [await connected(world), await connected(world), await connected(world)]
  for (const { end } of sockets) end.close(4401)
  await until(() => sockets.every(({ closes }) => closes.length === 1))
  await quiet(world)
  equal([world.phone.counts.logins, world.session.state], [2, 'signed-in'])
})

test("a renewal that fails is nobody's rejection, and the next socket hears of the pause", async () => {
  const world = await live()
  world.backend.exchange = () => ({ statusCode: 400 })
  await closedWith(world, 4401)
  const codes = []
  const socket = make(world, 'connectSocket', '/live', { fail: ({ code }) => codes.push(code) })
  socket.onError(({ code }) => codes.push(code))
  await until(() => codes.length === 2)
  equal([codes, world.session.state], [['sign_in_paused', 'sign_in_paused'], 'signed-out'])
})

test('an interruption closes sockets and leaves the session alone', async () => {
  const world = await live()
  const { closes } = await connected(world)
  world.phone.interrupt()
  await until(() => closes.length === 1)
  await turns(3)
  equal([closes, world.session.state, world.phone.counts.logins], [[1006], 'signed-in', 1])
})

test('a socket that its own app closes with 4401 refuses nothing', async () => {
  const world = await live()
  const task = make(world, 'connectSocket', '/live')
  await until(() => world.backend.sockets.length === 1)
  task.close({ code: 4401 })
  await until(() => world.phone.sockets[0].state === 'closed')
  await quiet(world)
  equal(world.phone.counts.logins, 1)
})
