/*
 * A phone whose promises run by setTimeout, as on iOS up to 15. Reactions come turns later than with native promises, among
 * timers and callbacks, and every rule still holds.
 */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { make, noting, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { turns, until } = require('./waiting')

const test = group('slow promises')

const startSlow = (options, phone) => start({ options, phone: Object.assign({ promise: 'setTimeout' }, phone) })

test('the program has no other Promise', async () => {
  const world = await startSlow()
  ok(!(world.session.login() instanceof Promise), "a promise of the phone's")
  await world.call('/a')
})

for (const sameTick of [false, true]) {
  const where = sameTick ? ', in a phone that calls back in the same tick' : ''

  test(`twenty cold calls make one sign-in, and are held in their order${where}`, async () => {
    const world = await startSlow({}, { sameTick })
    equal(
      await world.calls(20),
      Array.from({ length: 20 }, () => 200),
    )
    equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
    const paths = world.phone.requests.slice(1).map(({ path }) => path)
    equal(
      paths,
      paths.map((_, place) => `/call/${place}`),
    )
  })

  test(`twenty calls refused together make one renewal${where}`, async () => {
    const world = await (await startSlow({}, { sameTick })).signedIn()
    world.backend.expire()
    const added = await world.added(async () =>
      equal(
        (await world.calls(20)).filter((status) => status !== 200),
        [],
      ),
    )
    // If the first refusal comes in the same turn as its call, the other calls wait for the renewal instead.
    equal([added.logins, added.exchanges], [1, 1])
  })

  test(`login data that is promised goes along, once for each code${where}`, async () => {
    const asked = []
    const world = await startSlow({ loginData: (code) => Promise.resolve({ number: asked.push(code) }) }, { sameTick })
    world.backend.exchange = () => (world.backend.exchanges() === 1 ? problem(503, 'server_busy') : undefined)
    equal((await world.patiently(world.call('/a'))).statusCode, 200)
    equal(
      world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body).number),
      [1, 1],
    )
  })

  test(`login data that fails, and login data that never comes, fail the sign-in${where}`, async () => {
    for (const [loginData, code] of [
      [() => Promise.reject(new Error('no')), 'login_data_failed'],
      [
        () => {
          throw new Error('no')
        },
        'login_data_failed',
      ],
      [() => null, 'login_data_failed'],
      [() => new Promise(() => {}), 'login_data_timeout'],
    ]) {
      const world = await startSlow({ loginData }, { sameTick })
      await world.patiently(world.failure(world.call('/a'), code))
      equal(world.counts(), { logins: 1, exchanges: 0, requests: 0 })
    }
  })
}

test('callbacks run before the reactions of the promise', async () => {
  const world = await (await startSlow()).signedIn()
  for (const kind of transfers) {
    const order = []
    const note = (name) => () => {
      order.push(name)
    }
    const call = make(world, kind, '/a', { success: note('success'), complete: note('complete') })
    await call.then(note('then'))
    equal(order, ['success', 'complete', 'then'], kind)
  }
})

test('a call that is aborted, before and after the core is loaded, fails once', async () => {
  const world = await startSlow()
  for (let time = 0; time < 2; time++) {
    const heard = []
    const task = make(world, 'request', '/a', noting(heard))
    task.abort()
    await world.failure(task, 'aborted')
    await turns(4)
    equal(heard, ['fail aborted', 'complete aborted'])
    await world.session.login()
  }
})

test('calls, a sign-out and calls behind it keep their order while the core is loading', async () => {
  const world = await startSlow()
  const before = world.failure(world.call('/a'), 'signed_out')
  const leaving = world.session.logout()
  const after = world.failure(world.call('/b'), 'signed_out')
  await Promise.all([before, leaving, after])
  equal([world.session.state, world.backend.seen], ['signed-out', []])
})

test('calls behind a sign-out fail, and a login() behind it signs in anew', async () => {
  const world = await (await startSlow()).signedIn()
  const leaving = world.session.logout()
  const call = world.failure(world.call('/a'), 'signed_out')
  const login = world.session.login()
  await Promise.all([leaving, call, login])
  equal([(await world.call('/b')).data.session, world.backend.isLive(world.backend.ids[0])], [2, false])
})

test('a core that cannot be loaded fails the calls, and the next loads again', async () => {
  let isBroken = true
  const before = (backend, phone) => {
    phone.hooks.instantiate = () => (isBroken ? { fail: new Error('no module') } : undefined)
  }
  const world = await start({ before, phone: { promise: 'setTimeout' } })
  const call = world.failure(world.call('/a'), 'load_failed')
  for (let attempt = 0; attempt < 4; attempt++) {
    await turns(8)
    await world.clock.pass(100)
  }
  await call
  isBroken = false
  equal((await world.call('/a')).statusCode, 200)
})

test('a load that never ends fails at its deadline', async () => {
  const before = (backend, phone) => {
    phone.hooks.instantiate = () => ({ delay: 60000 })
  }
  const world = await start({ before, phone: { promise: 'setTimeout' } })
  const call = world.failure(world.call('/a'), 'load_failed')
  await world.clock.pass(10000)
  await call
})

test('a program that sleeps in a sign-in goes on when it wakes', async () => {
  const world = await startSlow()
  const call = world.call('/a')
  await until(() => world.session.state === 'signing-in')
  world.phone.sleep()
  await turns(4)
  world.phone.wake()
  equal((await call).statusCode, 200)
  equal(sends(world, 'request', '/a').length, 1)
})

test('a sign-out where the server never answers resolves all the same', async () => {
  const world = await (await startSlow()).signedIn()
  world.backend.logout = () => ({ hang: true })
  let isOver = false
  const leaving = world.session.logout().then(() => {
    isOver = true
  })
  await turns(6)
  await world.clock.pass(9999)
  equal(isOver, false)
  await world.clock.pass(1)
  await leaving
})
