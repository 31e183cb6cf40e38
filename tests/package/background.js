/* The app in the background: the program stops, and after five seconds WeChat ends all calls in flight. */
'use strict'

const { equal } = require('./assert')
const { make, noting, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('background')

/** Calls with callbacks only, and what each hears. */
function callers(world, number) {
  return Array.from({ length: number }, (_, place) => {
    const heard = []
    world.call(`/call/${place}`, noting(heard))
    return heard
  })
}

const fine = ['success 200', 'complete 200']

test('a program that sleeps while wx.login runs goes on when it wakes', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ delay: 1000 })
  const heard = callers(world, 3)
  await until(() => world.phone.counts.logins === 1)
  world.phone.sleep()
  await world.clock.pass(2000)
  equal(world.backend.exchanges(), 0)
  world.phone.wake()
  await until(() => heard.every(({ length }) => length === 2))
  equal([heard, world.counts()], [[fine, fine, fine], { logins: 1, exchanges: 1, requests: 4 }])
})

test('a program that sleeps for hours in a sign-in has one end for every call, and signs in again', async () => {
  for (const stage of ['login', 'exchange', 'data']) {
    const gate = createGate()
    const world = await start({ options: { loginData: () => (stage === 'data' ? gate.opened : {}) } })
    if (stage === 'login') world.phone.hooks.login = () => ({ delay: 4000 })
    if (stage === 'exchange') world.phone.hooks.request = () => ({ late: 4000 })
    const heard = callers(world, 3)
    await until(() => world.session.state === 'signing-in')
    await turns(4)
    await quiet(world)
    world.phone.sleep()
    await world.clock.pass(7200000)
    gate.open()
    await turns(2)
    equal(heard, [[], [], []])
    world.phone.wake()
    const last = world.call('/last').then(
      () => 'success',
      ({ code }) => code,
    )
    await world.patiently(last)
    await turns(4)
    for (const words of heard) equal(words.length, 2, `${stage}: ${JSON.stringify(heard)}`)
    world.phone.hooks.login = () => {}
    world.phone.hooks.request = () => {}
    await world.session.login()
    equal([(await world.call('/a')).statusCode, world.session.state], [200, 'signed-in'])
  }
})

test('an exchange that WeChat interrupts is made again with the same code', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? gate.opened : undefined)
  const heard = callers(world, 3)
  await until(() => world.backend.exchanges() === 1)
  world.phone.interrupt()
  await turns(2)
  await until(() => world.phone.requests[0].state === 'failed')
  await world.clock.next()
  await until(() => heard.every(({ length }) => length === 2))
  equal([heard, world.counts()], [[fine, fine, fine], { logins: 1, exchanges: 2, requests: 5 }])
  gate.open()
})

test('a program that sleeps, is interrupted and wakes at once has lost nothing', async () => {
  const world = await start()
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? { hang: true } : undefined)
  const heard = callers(world, 3)
  await until(() => world.backend.exchanges() === 1)
  world.phone.sleep()
  world.phone.interrupt()
  await world.clock.pass(6000)
  equal(heard, [[], [], []])
  world.phone.wake()
  await world.patiently(world.call('/last'))
  await until(() => heard.every(({ length }) => length === 2))
  equal([heard, world.phone.counts.logins], [[fine, fine, fine], 1])
})

test('a sign-in that is interrupted again and again fails as interrupted, and pauses for a second only', async () => {
  const world = await start()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail interrupted', errno: 600003 } })
  for (let number = 0; number < 3; number++) {
    await world.patiently(world.failure(world.call('/a'), 'interrupted'))
    equal((await world.failure(world.call('/a'), 'sign_in_paused')).retryAfter, 1000)
    await world.clock.pass(1000)
  }
  world.phone.hooks.request = () => {}
  equal((await world.call('/a')).statusCode, 200)
})

for (const kind of transfers) {
  test(`${kind} whose answer comes while the program sleeps is heard when it wakes`, async () => {
    const world = await (await start()).signedIn()
    const heard = []
    world.backend.expire()
    make(world, kind, '/a', noting(heard))
    world.phone.sleep()
    await until(() => world.backend.at('/a').length === 1)
    await turns(4)
    equal([heard, world.phone.counts.logins], [[], 1])
    world.phone.wake()
    await until(() => heard.length === 2)
    equal([heard, world.phone.counts.logins], [fine, 2])
  })
}

test('an abort and a sign-out are told when the program wakes', async () => {
  const world = await (await start()).signedIn()
  const heard = []
  world.call('/a', noting(heard)).abort()
  world.phone.sleep()
  await turns(4)
  equal(heard, [])
  world.phone.wake()
  equal(heard, ['fail aborted', 'complete aborted'])
  const leaving = world.session.logout()
  world.phone.sleep()
  world.phone.interrupt()
  await world.clock.pass(60000)
  world.phone.wake()
  equal(await leaving, undefined)
})

test('a core that is loaded while the program sleeps is there when it wakes', async () => {
  const world = await start()
  const calls = world.calls(2)
  world.phone.sleep()
  await turns(4)
  world.phone.wake()
  equal(await calls, [200, 200])
})

test('a session whose time ran out in the background is renewed before it is used', async () => {
  const world = await start({
    before: (backend) => {
      backend.expiresIn = 60
    },
  })
  await world.signedIn()
  world.phone.sleep()
  await world.clock.pass(61000)
  world.phone.wake()
  const added = await world.added(async () => equal((await world.call('/a')).data.session, 2))
  equal(added, { logins: 1, exchanges: 1, requests: 2 })
})

test('an answer that waits behind a late deadline counts', async () => {
  const world = await start()
  let answer
  world.phone.wx.request = (options) => {
    answer = options.success
    return {}
  }
  const login = world.session.login()
  await until(() => answer)
  world.clock.oversleep(30000)
  await world.clock.next()
  answer({ statusCode: 200, data: { sessionid: 'late', expires_in: 60 } })
  await login
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
})

test('a code that waits behind a late deadline counts', async () => {
  const world = await start()
  let answer
  world.phone.wx.login = (options) => {
    answer = options.success
  }
  const call = world.call('/a')
  await until(() => answer)
  world.clock.oversleep(30000)
  await world.clock.next()
  answer({ code: 'late' })
  equal((await call).statusCode, 200)
})

test('without an answer, a late deadline counts a second later', async () => {
  const world = await start()
  let posts = 0
  world.phone.wx.request = () => {
    posts++
  }
  const login = world.failure(world.session.login(), 'exchange_timeout')
  await until(() => posts === 1)
  world.clock.oversleep(30000)
  await world.clock.next()
  await world.clock.pass(999)
  equal(world.session.state, 'signing-in')
  await world.clock.pass(1)
  // The time for another attempt is over.
  await login
  equal(posts, 1)
})

test('a core that waits behind a late deadline is used', async () => {
  const world = await start({ phone: { hooks: { instantiate: () => ({ delay: 40000 }) } } })
  const call = world.call('/a')
  await turns(4)
  world.clock.oversleep(39500)
  await world.clock.next()
  await world.clock.pass(600)
  equal((await call).statusCode, 200)
})
