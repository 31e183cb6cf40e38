/* The exchange of a code over a bad network or with a server in trouble. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('exchange')

const codesSeen = (world) => world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body).code)

/** Waits until this many exchanges have been made and answered. */
async function exchanged(world, number) {
  await until(() => world.counts().exchanges === number)
  await quiet(world)
}

/** The next exchange comes no earlier than after `least` milliseconds, and no later than after twice that time. */
async function comesAfter(world, least, number) {
  const began = world.clock.now()
  await world.clock.pass(least - 1)
  await quiet(world)
  equal(world.counts().exchanges, number - 1, `exchanges before ${least} ms`)
  await world.clock.next()
  ok(world.clock.now() - began <= 2 * least, `within ${2 * least} ms`)
  await exchanged(world, number)
}

test('a server in trouble is asked three times, with the same code and growing waits', async () => {
  const world = await start()
  world.backend.exchange = () => problem(503, 'wechat_unavailable')
  const call = world.failure(world.call('/products'), 'server_unavailable')
  await exchanged(world, 1)
  await comesAfter(world, 500, 2)
  await comesAfter(world, 1000, 3)
  await call
  await world.clock.pass(60000)
  await quiet(world)
  const [code] = world.told.codes
  equal([world.phone.counts.logins, codesSeen(world)], [1, [code, code, code]])
})

test('a server that recovers between two attempts signs everybody in', async () => {
  const world = await start()
  world.backend.exchange = () => (world.backend.exchanges() < 3 ? problem(502, 'wechat_bad_answer') : undefined)
  equal(await world.patiently(world.calls(4)), [200, 200, 200, 200])
  equal(world.counts(), { logins: 1, exchanges: 3, requests: 7 })
})

test('Retry-After is waited for', async () => {
  const world = await start()
  world.backend.exchange = () =>
    world.backend.exchanges() === 1 ? problem(429, 'rate_limited', { 'Retry-After': '4' }) : undefined
  const call = world.call('/products')
  await exchanged(world, 1)
  await comesAfter(world, 4000, 2)
  equal((await call).statusCode, 200)
})

test('a Retry-After beyond the patience of a sign-in fails it, and the error says how long to wait', async () => {
  for (const name of ['Retry-After', 'retry-after', 'RETRY-AFTER']) {
    const world = await start()
    world.backend.exchange = () => problem(429, 'rate_limited', { [name]: '45' })
    const error = await world.failure(world.call('/products'), 'rate_limited')
    equal([error.retryAfter, error.cause.statusCode, world.counts().exchanges], [45000, 429, 1])
  }
})

test('a Retry-After may be a date, and what it means depends on the clock of the server alone', async () => {
  const world = await start()
  const header = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After': 'Sun, 06 Nov 1994 08:50:22 GMT' }
  world.backend.exchange = () => problem(429, 'rate_limited', header)
  equal((await world.failure(world.call('/products'), 'rate_limited')).retryAfter, 45000)
})

test('no attempt is made more than twenty seconds after the first', async () => {
  const world = await start()
  world.backend.exchange = () => problem(503, 'server_busy', { 'Retry-After': '11' })
  const began = world.clock.now()
  await world.patiently(world.failure(world.call('/products'), 'server_unavailable'))
  ok(world.clock.now() - began <= 20000, 'within 20 s')
  ok(world.counts().exchanges < 3, 'two waits of eleven seconds and more do not fit')
})

test('a line that breaks is tried again', async () => {
  const world = await start()
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? { reset: true } : undefined)
  equal(await world.patiently(world.calls(3)), [200, 200, 200])
  equal(world.counts(), { logins: 1, exchanges: 2, requests: 5 })
})

test('an exchange that is given up is withdrawn, so that it never goes out later', async () => {
  const world = await start({ options: { exchangeTimeout: 3000 } })
  world.phone.hooks.request = ({ number }) => (number === 1 ? { times: 0, answer: { hang: true } } : undefined)
  const call = world.call('/products')
  await until(() => world.counts().exchanges === 1)
  await world.clock.pass(3000)
  const [first] = world.phone.requests
  await until(() => first.state === 'failed')
  ok(/abort/.test(JSON.stringify(first.failure)), 'it was aborted')
  equal((await world.patiently(call)).statusCode, 200)
})

test('a sign-in that is given up names its own cause, and not that of the withdrawal', async () => {
  const world = await start({ options: { exchangeTimeout: 25000 } })
  world.backend.exchange = () => ({ hang: true })
  const call = world.failure(world.call('/products'), 'exchange_timeout')
  await until(() => world.backend.exchanges() === 1)
  await world.clock.pass(25000)
  equal((await call).errMsg, 'session:fail exchange_timeout')
})

const cronet = (number, name) => {
  const errMsg = `request:fail errcode:${number} cronet_error_code:${number} error_msg:net::${name}`
  return { fail: { errMsg, errno: 600001 } }
}

const outages = {
  'no network': [{ fail: { errMsg: 'request:fail' } }, 'network'],
  'a fail without anything': [{ fail: undefined }, 'network'],
  'a server that refuses connections': [cronet(-102, 'ERR_CONNECTION_REFUSED'), 'network'],
  'a change of network': [cronet(-21, 'ERR_NETWORK_CHANGED'), 'interrupted'],
  'the background in another language': [{ fail: { errMsg: 'request:fail 请求中断', errno: 600003 } }, 'interrupted'],
  'the background': [{ fail: { errMsg: 'request:fail interrupted' } }, 'interrupted'],
}

for (const kind of Object.keys(outages)) {
  const [twist, code] = outages[kind]
  test(`${kind}, three times, fails every caller once with ${code}`, async () => {
    const world = await start()
    world.phone.hooks.request = () => twist
    const calls = [1, 2, 3].map(() => world.failure(world.call('/products'), code))
    await world.patiently(Promise.all(calls))
    equal(world.counts(), { logins: 1, exchanges: 3, requests: 3 })
  })
}

test('a wx.request that throws is an outage like any other', async () => {
  const world = await start()
  world.phone.wx.request = () => {
    throw new Error('request is broken')
  }
  await world.patiently(world.failure(world.call('/products'), 'network'))
  equal(world.phone.counts.logins, 1)
})

test('an exchange that is never answered fails at its deadline, three times', async () => {
  const world = await start({ options: { exchangeTimeout: 3000 } })
  world.phone.hooks.request = () => ({ times: 0, answer: { hang: true } })
  const call = world.failure(world.call('/products'), 'exchange_timeout')
  for (const number of [1, 2, 3]) {
    await until(() => world.counts().exchanges === number)
    await world.clock.pass(2999)
    equal(world.counts().exchanges, number, 'exchanges before the deadline')
    await world.clock.pass(1)
    // Then comes the wait before the next attempt.
    if (number < 3) await world.clock.next()
  }
  await call
})

test('a session that arrives after its exchange was given up is ended on the server', async () => {
  const world = await start({ options: { exchangeTimeout: 3000 } })
  world.phone.hooks.request = ({ number }) => (number === 1 ? { late: 3100 } : undefined)
  const { request } = world.phone.wx
  // A host whose requests cannot be aborted.
  world.phone.wx.request = (options) => {
    request(options)
  }
  const call = world.call('/products')
  await until(() => world.backend.ids.length === 1)
  await quiet(world)
  await world.clock.pass(3000)
  await world.patiently(call)
  await world.clock.pass(200)
  await until(() => world.backend.at('/wx/logout').length === 1)
  const [late, used] = world.backend.ids
  equal(world.backend.at('/wx/logout')[0].header.sessionid, late)
  equal((await call).data.session, 2)
  await until(() => !world.backend.isLive(late))
  equal([world.backend.isLive(used), world.session.state], [true, 'signed-in'])
})

test('an answer that comes twice counts once', async () => {
  const world = await start()
  world.phone.hooks.request = ({ path }) => (path === '/wx/onlogin' ? { times: 2 } : undefined)
  equal(await world.calls(3), [200, 200, 200])
  await turns(3)
  equal([world.counts(), world.backend.at('/wx/logout').length], [{ logins: 1, exchanges: 1, requests: 4 }, 0])
})
