/* Callbacks: `success` or `fail`, then `complete`, each once. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, until } = require('./waiting')

const test = group('callbacks')

/** Makes a call with callbacks only. Returns, once all is quiet, what they were called with, in order. */
async function heard(world, path, options) {
  const calls = []
  const note = (name) => (value) => calls.push([name, value])
  world.call(path, Object.assign({ success: note('success'), fail: note('fail'), complete: note('complete') }, options))
  await until(() => calls.some(([name]) => name === 'complete'))
  await quiet(world)
  return calls
}

const names = (calls) => calls.map(([name]) => name)

test('a call that succeeds calls success, then complete, with the answer, each once', async () => {
  const world = await start()
  const calls = await heard(world, '/products')
  equal(names(calls), ['success', 'complete'])
  equal([calls[0][1].statusCode, calls[0][1] === calls[1][1]], [200, true])
})

test('a call that is sent a second time calls each of them once', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const calls = await heard(world, '/products')
  equal(names(calls), ['success', 'complete'])
  equal(calls[0][1].data.session, 2)
})

test('a call that is refused twice calls each of them once, with the second answer', async () => {
  const world = await (await start()).signedIn()
  world.backend.call = () => ({ statusCode: 401, data: world.backend.at('/products').length })
  const calls = await heard(world, '/products')
  equal(names(calls), ['success', 'complete'])
  equal([calls[0][1].data, calls[1][1].data], [2, 2])
})

test('a call that wx fails calls fail, then complete, with the error', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail', errno: 600001 } })
  const calls = await heard(world, '/products')
  equal(names(calls), ['fail', 'complete'])
  const error = calls[0][1]
  equal([error.code, error.errMsg, error === calls[1][1]], ['request_failed', 'request:fail', true])
})

test('a resend that wx fails calls each of them once', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.phone.hooks.request = () =>
    world.backend.ids.length === 2 ? { fail: { errMsg: 'request:fail timeout', errno: 5 } } : undefined
  const calls = await heard(world, '/products')
  equal([names(calls), calls[0][1].errno], [['fail', 'complete'], 5])
})

test('a call without a session calls them in the same way', async () => {
  const world = await start()
  equal(names(await heard(world, '/weather', { auth: false })), ['success', 'complete'])
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail' } })
  equal(names(await heard(world, '/weather', { auth: false })), ['fail', 'complete'])
})

for (const kind of ['success', 'fail']) {
  test(`a wx that calls ${kind} three times is heard once`, async () => {
    const world = await (await start()).signedIn()
    const failure = kind === 'fail' ? { fail: { errMsg: 'request:fail' } } : {}
    world.phone.hooks.request = () => Object.assign({ times: 3 }, failure)
    equal(names(await heard(world, '/products')), [kind, 'complete'])
    equal(names(await heard(world, '/weather', { auth: false })), [kind, 'complete'])
  })
}

test('a refusal that comes three times is sent once more only', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.phone.hooks.request = ({ path }) => (path === '/products' ? { times: 3 } : undefined)
  const added = await world.added(async () => equal(names(await heard(world, '/products')), ['success', 'complete']))
  equal(added, { logins: 1, exchanges: 1, requests: 3 })
})

test('a wx that calls fail after success, or success after fail, is heard once', async () => {
  const world = await (await start()).signedIn()
  for (const order of [
    ['success', 'fail'],
    ['fail', 'success'],
  ]) {
    world.phone.wx.request = (options) => {
      for (const name of order) options[name]({ statusCode: 200, data: '', header: {}, errMsg: 'request:x' })
      return { abort() {} }
    }
    equal(names(await heard(world, '/products')), [order[0], 'complete'])
  }
})

test('a wx.request that throws fails the call', async () => {
  const world = await (await start()).signedIn()
  world.phone.wx.request = () => {
    throw new Error('request is broken')
  }
  const calls = await heard(world, '/products')
  equal(names(calls), ['fail', 'complete'])
  equal([calls[0][1].code, calls[0][1].errMsg], ['request_failed', 'request is broken'])
})

for (const name of ['success', 'complete']) {
  test(`what ${name} throws is thrown on and breaks nothing`, async () => {
    const world = await start()
    const thrown = new Error('of the app')
    const calls = [1, 2, 3].map(() =>
      world.call('/products', {
        [name]: () => {
          throw thrown
        },
      }),
    )
    equal(
      (await Promise.all(calls)).map(({ statusCode }) => statusCode),
      [200, 200, 200],
    )
    ok(
      (await world.thrownOn(3)).every((error) => error === thrown),
      'itself',
    )
    equal(world.counts(), { logins: 1, exchanges: 1, requests: 4 })
  })
}

test('what fail throws is thrown on, and complete and the other callers hear of the failure all the same', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  const completed = []
  const options = {
    fail: () => {
      throw new Error('of the app')
    },
    complete: ({ code }) => completed.push(code),
  }
  const calls = [1, 2, 3].map(() => world.failure(world.call('/products', options), 'login_failed'))
  await Promise.all(calls)
  equal([completed.length, (await world.thrownOn(3)).length], [3, 3])
})

test('callbacks that are no functions are passed over', async () => {
  const world = await start()
  const { statusCode } = await world.call('/products', { success: 'no', fail: {}, complete: null })
  equal(statusCode, 200)
})

test('a call that a callback makes is a call like any other', async () => {
  const world = await start()
  const inner = await new Promise((resolve) => {
    world.call('/first', { success: () => world.call('/second', { success: resolve }) })
  })
  equal(inner.data.path, '/second')
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 3 })
})

test('a callback that signs out leaves the calls behind it without an answer of the old session', async () => {
  const world = await start()
  const first = world.call('/first', { success: () => world.session.logout() })
  const second = world.call('/second')
  await Promise.all([first, second])
  await world.failure(world.call('/third'), 'signed_out')
  equal([world.phone.counts.logins, world.session.state], [1, 'signed-out'])
})
