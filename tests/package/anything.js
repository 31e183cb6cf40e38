/* Whatever wx passes to a callback, nothing is thrown into wx, traps or rejects unhandled, and every call ends. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('anything')

const thrower = () => {
  throw new Error('a property that throws')
}
const unprintable = { valueOf: 1, toString: 1 }

function hostile(names) {
  const object = {}
  for (const name of names) Object.defineProperty(object, name, { get: thrower, enumerable: true })
  return object
}

/** Values for `fail`, by their description. */
const failures = {
  nothing: undefined,
  null: null,
  false: false,
  'a number': 17,
  'not a number': NaN,
  'a text': 'request:fail',
  'an empty text': '',
  'a symbol': Symbol('fail'),
  'a function': () => {},
  'a list': [1, 2],
  'an error': new Error('request:fail'),
  'a frozen object': Object.freeze({ errMsg: 'request:fail' }),
  'an object without a prototype': Object.create(null),
  'an errMsg that is no text': { errMsg: { a: 1 }, errno: '5', statusCode: 'x' },
  'an errMsg that cannot be printed': { errMsg: unprintable, message: Symbol('x'), errno: unprintable },
  'an endless text': 'x'.repeat(300000),
  'half of a pair': { errMsg: 'request:fail \ud83d' },
  'properties that throw': hostile(['errMsg', 'errno', 'message', 'statusCode', 'code', 'data', 'header']),
}

for (const kind of Object.keys(failures)) {
  test(`a wx.login that fails with ${kind} fails the callers`, async () => {
    const world = await start()
    world.phone.hooks.login = () => ({ fail: failures[kind] })
    await world.failure(world.call('/products'), 'login_failed')
  })

  test(`an exchange that fails with ${kind} fails the callers`, async () => {
    const world = await start()
    world.phone.hooks.request = () => ({ fail: failures[kind] })
    const outcome = await world.patiently(
      world.call('/products').then(
        () => 'success',
        ({ code }) => code,
      ),
    )
    ok(['network', 'interrupted'].indexOf(outcome) >= 0, `a failure of the network: ${outcome}`)
  })

  test(`a call that fails with ${kind} fails`, async () => {
    const world = await (await start()).signedIn()
    world.phone.hooks.request = () => ({ fail: failures[kind] })
    const { errMsg } = await world.failure(world.call('/products'), 'request_failed')
    equal(typeof errMsg, 'string')
    await world.failure(world.call('/weather', { auth: false }), 'request_failed')
  })
}

/** Values for `success` of wx.request. */
const answers = {
  nothing: undefined,
  null: null,
  'a number': 200,
  'a text': 'request:ok',
  'an empty object': {},
  'a status that is a text': { statusCode: '401', header: {}, data: {} },
  'a status that is no status': { statusCode: NaN, header: {}, data: {} },
  'a status beyond all': { statusCode: 65536 + 401, header: {}, data: {} },
  'a 401 without headers and data': { statusCode: 401 },
  'a 401 with headers that are no object': { statusCode: 401, header: 'x', data: null },
  'a 401 with header values that are none': { statusCode: 401, header: { 'WWW-Authenticate': null, b: [1] }, data: 0 },
}

/** Makes wx answer calls to this path with exactly this value. */
function answering(world, path, value) {
  const native = world.phone.wx.request
  world.phone.wx.request = (options) => {
    if (options.url.indexOf(path) < 0) return native(options)
    Promise.resolve().then(() => {
      try {
        options.success(value)
      } catch (error) {
        world.phone.thrown.push({ where: 'request:success', error })
      }
    })
    return { abort() {} }
  }
}

for (const kind of Object.keys(answers)) {
  test(`a call that is answered with ${kind} has its end`, async () => {
    const world = await (await start()).signedIn()
    answering(world, '/products', answers[kind])
    const answer = await world.call('/products')
    ok(answer === answers[kind], 'the caller is given what wx gave')
    equal(world.session.state, 'signed-in')
  })

  test(`an exchange that is answered with ${kind} has its end`, async () => {
    const world = await start()
    answering(world, '/wx/onlogin', answers[kind])
    const outcome = await world.patiently(
      world.call('/products').then(
        () => 'success',
        ({ code }) => code,
      ),
    )
    ok(['bad_answer', 'exchange_rejected'].indexOf(outcome) >= 0, `a rejected exchange: ${outcome}`)
  })
}

const bodies = {
  'an expires_in that cannot be printed': { sessionid: 'x', expires_in: unprintable },
  'a code that is no text': { code: { a: 1 } },
  'a session id of a megabyte': { sessionid: 'x'.repeat(1000000) },
}

for (const kind of Object.keys(bodies)) {
  test(`an exchange that is answered with ${kind} has its end`, async () => {
    const world = await start()
    world.backend.exchange = () => ({ data: bodies[kind] })
    world.backend.call = () => ({ data: 'fine' })
    await world.patiently(world.call('/products').catch(() => {}))
    ok(world.session.state !== 'signing-in', 'the sign-in is over')
  })
}

for (const retryAfter of ['soon', '-1', '', '1e300', 'Infinity', '4294967296', 'Wed, 21 Oct 2015 07:28:00 GMT']) {
  test(`Retry-After: ${retryAfter || '(empty)'} neither hangs nor hurries the exchange`, async () => {
    const world = await start()
    const began = world.clock.now()
    world.backend.exchange = () => ({ statusCode: 503, header: { 'Retry-After': retryAfter } })
    await world.patiently(world.failure(world.call('/products'), 'server_unavailable'))
    ok(world.clock.now() - began <= 20000, 'it is over within 20 s')
    ok(world.counts().exchanges < 3 || world.clock.now() - began >= 1500, 'and waited between the attempts')
  })
}

test('URLs of every kind have their end', async () => {
  const world = await (await start({ options: { hostOf: plain } })).signedIn()
  world.phone.hooks.request = () => ({ answer: {} })
  const paths = ['\ud83d', 'x'.repeat(300000), '商品'].map((path) => `${world.url}/${path}`)
  for (const url of ['x', '\ud83d', '\u0000'].concat(paths)) {
    await world.session.request({ url }).catch(() => {})
  }
  await until(() => world.phone.counts.requests >= 4)
  equal(world.session.state, 'signed-in')
})
