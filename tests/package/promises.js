/* Calls can be awaited. A call that nobody awaits never rejects unhandled. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { takeUnhandled } = require('./unhandled')
const { turns, until } = require('./waiting')

const test = group('promises')

/** A live session, and a wx that fails every call. */
async function failing() {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail', errno: 5 } })
  return world
}

test('a call that fails with callbacks alone is no unhandled rejection', async () => {
  const world = await failing()
  const heard = []
  world.call('/products', { fail: ({ code }) => heard.push(code) })
  world.call('/products')
  world.call('/products').abort()
  await until(() => heard.length === 1)
  equal([heard, (await takeUnhandled()).length], [['request_failed'], 0])
})

test('a sign-in that fails is no unhandled rejection of the calls with callbacks alone', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ fail: undefined })
  const heard = []
  world.call('/products', { complete: ({ code }) => heard.push(code) })
  await until(() => heard.length === 1)
  equal([heard, (await takeUnhandled()).length], [['login_failed'], 0])
})

test('a call that somebody waits for, and nobody catches, is one', async () => {
  const world = await failing()
  world.call('/products').then(() => {})
  await until(() => world.phone.requests[1].state === 'failed')
  await turns(2)
  const reasons = await takeUnhandled()
  equal(
    reasons.map(({ code }) => code),
    ['request_failed'],
  )
})

test('callbacks run before the reactions of the promise', async () => {
  const world = await (await start()).signedIn()
  const order = []
  const note = (name) => () => {
    order.push(name)
  }
  const call = world.call('/products', { success: note('success'), complete: note('complete') })
  call.then(note('then'))
  await call.then(note('awaited'))
  equal(order, ['success', 'complete', 'then', 'awaited'])
})

test('a call can be awaited more than once, and after its end', async () => {
  const world = await start()
  const call = world.call('/products')
  const first = await call
  equal([await call, (await call) === first], [first, true])

  const later = world.call('/products')
  await until(() => world.backend.at('/products').length === 2)
  await turns(3)
  equal((await later).statusCode, 200)
})

test('a call that failed before anybody looked rejects once somebody does', async () => {
  const world = await failing()
  const call = world.call('/products')
  await until(() => world.phone.requests[1].state === 'failed')
  await turns(3)
  await world.failure(call, 'request_failed')
  await world.failure(call, 'request_failed')
})

test('then, catch and finally pass on what promises pass on', async () => {
  const world = await (await start()).signedIn()
  const made = () => world.call('/products')
  equal(await made().then(({ statusCode }) => statusCode + 1), 201)
  equal((await made().catch(() => 'caught')).statusCode, 200)
  const finals = []
  equal(
    (
      await made().finally((...values) => {
        finals.push(values)
      })
    ).statusCode,
    200,
  )
  equal(
    await made()
      .then(() => {
        throw new Error('a')
      })
      .catch(({ message }) => message),
    'a',
  )
  equal(
    await made()
      .finally(() => {
        throw new Error('b')
      })
      .catch(({ message }) => message),
    'b',
  )
  equal((await made().finally()).statusCode, 200)

  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail' } })
  equal(await made().catch(({ code }) => code), 'request_failed')
  equal(
    await made().then(
      () => 'passed',
      ({ code }) => code,
    ),
    'request_failed',
  )
  equal(
    await made()
      .finally((...values) => {
        finals.push(values)
      })
      .catch(({ code }) => code),
    'request_failed',
  )
  equal(finals, [[], []])
})

test('calls work with Promise.all and with Promise.race', async () => {
  const world = await start()
  const answers = await Promise.all([world.call('/a'), world.call('/b')])
  equal(
    answers.map(({ data }) => data.path),
    ['/a', '/b'],
  )
  equal((await Promise.race([world.call('/c')])).data.path, '/c')
})
