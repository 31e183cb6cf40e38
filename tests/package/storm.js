/*
 * Calls of all kinds, with a wx, a server and a user that do anything at any time, by seeds. Every call ends exactly once,
 * nothing is thrown into wx or printed, and after the storm everything works.
 */
'use strict'

const { platform } = require('../../simulator/phone')
const { createMemoryNetwork } = require('../../simulator/phone/memory')
const { equal } = require('./assert')
const { problem } = require('./backend')
const { kinds, make, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { turns } = require('./waiting')

const test = group('storm')

const STEPS = 60

/** Pseudo-random numbers below a bound, the same for a seed on every engine. */
function dice(seed) {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * bound)
  }
}

const failing = () => Promise.reject(new Error('of the app'))
const never = () => new Promise(() => {})
const oneOf = (roll, values) => values[roll(values.length)]

/** Mostly wx does what it should. It always answers, because a call without an answer may wait for ever. */
function twist(roll) {
  return roll(3) > 0
    ? undefined
    : oneOf(roll, [
        { sameTick: true },
        { late: 1 + roll(3000) },
        { delay: 1 + roll(3000) },
        { times: 2 },
        { times: 3 },
        { fail: undefined },
        { fail: 'fail' },
        { fail: { errMsg: 'fail timeout', errno: 5 } },
        { fail: { errMsg: 'fail interrupted', errno: 600003 } },
        { fail: new Error('fail') },
      ])
}

function answer(roll) {
  return roll(3) > 0
    ? undefined
    : oneOf(roll, [
        problem(401, 'session_expired'),
        problem(401, 'session_replaced'),
        problem(401, 'code_invalid'),
        problem(503, 'server_busy', { 'Retry-After': String(roll(5)) }),
        problem(500, 'misconfigured'),
        { statusCode: 400 },
        { statusCode: 401 },
        { data: 'text' },
        { statusCode: 204 },
        { reset: true },
      ])
}

/** One action of the user, the app, the server or the phone. Returns a promise only if time passes. */
function act(world, roll, calls) {
  const begin = (promised) => {
    promised.catch(() => {})
  }
  return oneOf(roll, [
    ...kinds.concat(kinds).map((kind) => () => {
      calls.push(called(world, kind, roll))
    }),
    () => begin(world.session.login({ force: roll(2) > 0 })),
    () => begin(world.session.logout()),
    () => world.backend.expire(),
    () => world.phone.interrupt(),
    () => world.phone.sleep(),
    () => world.phone.wake(),
    () => world.clock.jump(roll(200000) - 100000),
    () => world.clock.pass(1 + roll(8000)),
    () => world.backend.sockets.forEach((socket) => socket.close(oneOf(roll, [1000, 4401]))),
    () => {
      if (calls.length) oneOf(roll, calls).leave()
    },
  ])
}

function called(world, kind, roll) {
  const heard = []
  const note = (word) => () => heard.push(word)
  const callbacks = { success: note('end'), fail: note('end'), complete: note('complete') }
  const task = make(world, kind, `/${kind}`, Object.assign(callbacks, roll(6) > 0 ? {} : { auth: false }))
  if (kind !== 'connectSocket' && roll(3) === 0) task.catch(() => {})
  return { heard, kind, leave: () => (kind === 'connectSocket' ? task.close() : task.abort()) }
}

/** Lets everything end. */
async function calm(world, calls) {
  const isOver = ({ heard }) => heard.length > 0
  world.phone.wake()
  Object.assign(world.backend, { exchange() {}, call() {}, logout() {} })
  Object.assign(world.phone.hooks, { login() {}, request() {}, uploadFile() {}, downloadFile() {}, connectSocket() {} })
  world.backend.sockets.forEach((socket) => socket.close())
  for (let step = 0; step < 400 && !calls.every(isOver); step++) {
    await turns(2)
    await world.clock.next()
  }
  await world.clock.pass(130000)
  await turns(4)
  const wrong = calls.filter(({ heard }) => heard.join() !== 'end,complete')
  equal(
    wrong.map(({ heard, kind }) => [kind, heard]),
    [],
  )
}

for (let seed = 1; seed <= 12; seed++) {
  test(`number ${seed} leaves every call one end, and a session that works`, async () => {
    const roll = dice(seed * 7919)
    const promise = seed % 3 === 0 ? 'setTimeout' : undefined
    // In memory, so that every engine sees the same order.
    const { network, serve } = createMemoryNetwork(platform.timers)
    let isOver = false
    const loginData = () => (isOver || roll(3) > 0 ? { a: 1 } : oneOf(roll, [failing, never, () => null])())
    const world = await start({ serve, options: { loginData }, phone: { network, promise, sameTick: seed % 2 === 0 } })
    const calls = []
    for (const kind of transfers.concat('login')) world.phone.hooks[kind] = () => twist(roll)
    world.phone.hooks.connectSocket = () => (roll(5) === 0 ? { fail: 'fail' } : undefined)
    for (const name of ['exchange', 'call', 'logout']) world.backend[name] = () => answer(roll)
    for (let step = 0; step < STEPS; step++) {
      await act(world, roll, calls)()
      await turns(roll(3))
    }
    isOver = true
    await calm(world, calls)
    await world.session.login()
    equal([(await world.call('/after')).statusCode, world.session.state], [200, 'signed-in'])
  })
}
