/* The state of a socket, which programs look at before they send or connect again. */
'use strict'

const { equal } = require('./assert')
const { make } = require('./kinds')
const { isOpen, opened } = require('./listening')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('states of sockets')

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3]

/** Takes the state away from wx's task, as it is on some hosts. */
function withoutStates(world) {
  const { connectSocket } = world.phone.wx
  world.phone.wx.connectSocket = (options) => {
    const task = connectSocket(options)
    return Object.keys(task).reduce((own, name) => Object.assign(own, { [name]: task[name] }), {})
  }
  return world
}

for (const told of [true, false]) {
  const begin = async () => (told ? start() : withoutStates(await start()))
  const host = told ? 'wx tells it' : 'wx does not tell it'

  test(`from the wait for a session to the close by the app, where ${host}`, async () => {
    const world = await begin()
    const gate = createGate()
    world.backend.exchange = () => gate.opened
    const socket = opened(world, '/live')
    const { task } = socket
    const states = []
    task.onOpen(() => states.push(task.readyState))
    task.onClose(() => states.push(task.readyState))
    equal([task.readyState, task.CONNECTING, task.OPEN, task.CLOSING, task.CLOSED], [CONNECTING, 0, 1, 2, 3])
    gate.open()
    await until(isOpen(socket))
    equal([states, task.readyState], [[OPEN], OPEN])
    task.close()
    equal(task.readyState, CLOSING)
    await until(() => states.length === 2)
    equal([states, task.readyState], [[OPEN, CLOSED], CLOSED])
  })

  test(`of a socket that nobody listens to, and that its server closes, where ${host}`, async () => {
    const world = await begin()
    const task = make(world, 'connectSocket', '/live')
    await until(() => task.readyState === OPEN)
    world.backend.sockets[0].close(1000)
    await until(() => task.readyState === CLOSED)
  })

  test(`of a socket that never opens, where ${host}`, async () => {
    const world = await begin()
    world.backend.call = () => ({ statusCode: 404 })
    const { heard, task } = opened(world, '/live')
    await until(() => heard.some((word) => /^error/.test(word)))
    equal(task.readyState, CLOSED)
  })

  test(`of a socket that is closed while it waits, or that wx does not take, where ${host}`, async () => {
    const world = await begin()
    const early = make(world, 'connectSocket', '/live')
    early.close()
    equal(early.readyState, CLOSED)
    world.phone.hooks.connectSocket = () => ({ fail: { errMsg: 'connectSocket:fail' } })
    const late = make(world, 'connectSocket', '/live')
    await until(() => late.readyState === CLOSED)
    await turns(2)
  })
}
