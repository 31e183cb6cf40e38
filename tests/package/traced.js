/* A traced session writes down what it does and why, and tells no secret. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { leaked } = require('./leaks')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('traced')

/** A world whose session is traced, and the lines that were written. */
async function startTraced(options) {
  const world = await start()
  return Object.assign(world, traced(world, options))
}

function traced(world, options) {
  const lines = []
  const { traced } = world.phone.require('wxsession/traced')
  const host = traced(world.phone.wx, (line) => lines.push(line.replace(world.url, '').replace(/\d+ ms/, 'N ms')))
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'traced' }, options))
  return { lines, session, written: (kind) => lines.filter((line) => line.indexOf(`[wxsession] ${kind}:`) === 0) }
}

test('each wait, sign-in, renewal, resend and bare call is written down, with its reason', async () => {
  const world = await startTraced()
  const { backend, lines, phone } = world
  await world.call('/cold?page=1')
  await world.call('/free', { auth: false })
  await world.session.request({ url: 'https://other.example/foreign' }).catch(() => {})
  backend.expire()
  await world.call('/late')
  backend.exchange = () => problem(503, 'store_unavailable')
  phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  await world.session.login({ force: true }).catch(() => {})
  equal(
    lines.map((line) => line.replace('[wxsession] ', '')),
    [
      'start: no session is kept',
      'wait: /cold waits for the core to load',
      'wait: /cold waits for a session',
      'sign-in: wx.login is asked for a code, because nobody has signed in yet',
      'sign-in: wx.login gave a code after N ms',
      'sign-in: the exchange of the code was answered 200 after N ms',
      'signed in after N ms',
      'bare: /free goes without the session: auth is false',
      'bare: https://other.example/foreign goes without the session: its origin is not in origins',
      'refused: /late was refused: session_expired',
      'renewal: wx.login is asked for a code, because /late was refused: session_expired',
      'sign-in: wx.login gave a code after N ms',
      'sign-in: the exchange of the code was answered 200 after N ms',
      'signed in after N ms',
      'resend: /late goes again, with the new session',
      'renewal: wx.login is asked for a code, because its time is over, or login() was called',
      'sign-in: wx.login failed: login:fail after N ms',
    ],
  )
})

test('a failed exchange is written down with its problem', async () => {
  const world = await startTraced()
  world.backend.exchange = () => problem(403, 'user_blocked')
  await world.failure(world.call('/a'), 'user_blocked')
  equal(world.written('sign-in').slice(-1), [
    '[wxsession] sign-in: the exchange of the code was answered 403 user_blocked after N ms',
  ])
})

test('a kept session is found at the next start, and renewed as one', async () => {
  const world = await startTraced()
  await world.call('/a')
  const next = world.restart()
  world.backend.expire()
  const { lines, session } = traced(next)
  await session.request({ url: `${world.url}/b` })
  ok(lines.indexOf('[wxsession] start: a session is kept') >= 0, lines)
  ok(
    lines.some((line) => /^\[wxsession\] renewal: .* because \/b was refused: session_expired$/.test(line)),
    lines,
  )
})

for (const sessionPlace of ['header', 'query', 'body']) {
  for (const loginMethod of ['POST', 'GET']) {
    test(`no line tells a secret, with the session in the ${sessionPlace} and a sign-in by ${loginMethod}`, async () => {
      const world = await start()
      const { backend, phone, told, url } = world
      backend.idOf = ({ header, query, body }) => {
        const [, inBody] = /"sessionid":"([^"]*)"/.exec(body || '') || []
        return header.sessionid || query.sessionid || inBody
      }
      const { lines, session } = traced(world, { sessionPlace, loginMethod })
      const call = (path, more) => session.request(Object.assign({ url: url + path }, more)).catch(() => {})
      const data = { password: 'secret-of-a-body' }
      await call('/a?token=secret-of-a-query', { method: 'POST', data })
      await call(`/user/${backend.ids[0]}/${encodeURIComponent(backend.ids[0])}#secret-of-a-fragment`)
      await call('/free?token=secret-of-a-query', { auth: false, data })
      backend.refusal = () => ({ statusCode: 401, data: { code: 'secret-of-a-problem' } })
      backend.expire()
      await call('/b?token=secret-of-a-query', { method: 'POST', data })
      phone.hooks.request = ({ url }) => ({
        fail: { errMsg: `request:fail ${url} with ${backend.ids.concat(told.codes)}` },
      })
      await world.patiently(session.login({ force: true }).catch(() => {}))
      ok(lines.length > 12, lines)
      const bodies = ['secret-of-a-body', 'secret-of-a-query', 'secret-of-a-fragment', 'secret-of-a-problem']
      equal(leaked(lines, backend.ids.concat(told.codes, bodies)), [])
    })
  }
}

test('an optional call that goes without a session says that there is none', async () => {
  const world = await startTraced()
  await world.call('/page', { auth: 'optional' })
  equal(world.written('bare'), ['[wxsession] bare: /page goes without the session: there is none'])
})

test('no line tells a password that wx repeats', async () => {
  for (const data of ['{"password":"correct horse"}', 'identifier=li.na&password=correct+horse']) {
    const world = await startTraced()
    world.phone.hooks.request = () => ({ fail: { errMsg: `request:fail timeout ${data}`, errno: 5 } })
    const login = world.session.login({ method: 'password', identifier: 'li.na', password: 'correct horse' })
    await world.patiently(login.catch(() => {}))
    const failures = world.written('sign-in').filter((line) => /failed/.test(line))
    ok(/^\[wxsession\] sign-in: the exchange of the code failed: 5 request:fail timeout/.test(failures[0]), failures)
    ok(!/correct|li\.na/.test(world.lines.join()), world.lines)
  }
})

test('a text that looks like a token is not written', async () => {
  const world = await startTraced()
  await world.call('/reset/a8Fq9ZsXk2LmN4pQr7Tt', { auth: false })
  equal(world.written('bare'), ['[wxsession] bare: /reset/*** goes without the session: auth is false'])
})

test('lines go to the console and to the log of WeChat’s administration', async () => {
  const world = await start()
  const { traced } = world.phone.require('wxsession/traced')
  const managed = []
  world.phone.wx.getRealtimeLogManager = () => ({ info: (line) => managed.push(line) })
  const host = traced(world.phone.wx)
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'traced' }))
  await session.request({ url: `${world.url}/a` })
  const printed = world.phone.console.splice(0).map(({ level, values }) => [level, values.join()])
  ok(managed.length > 4, managed)
  equal(
    printed,
    managed.map((line) => ['info', line]),
  )
})

test('a log that throws breaks no call', async () => {
  const world = await start()
  const { traced } = world.phone.require('wxsession/traced')
  const host = traced(world.phone.wx, () => {
    throw new Error('the log is full')
  })
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'traced' }))
  equal((await session.request({ url: `${world.url}/a` })).statusCode, 200)
})

test('a host whose methods are read-only, as those of wx are, can be traced', async () => {
  const world = await start()
  const { traced } = world.phone.require('wxsession/traced')
  const lines = []
  const host = traced(Object.freeze(Object.assign({}, world.phone.wx)), (line) => lines.push(line))
  const session = world.createSession(Object.assign({}, world.options, { host, storageKey: 'traced' }))
  equal((await session.request({ url: `${world.url}/a` })).statusCode, 200)
  ok(
    lines.some((line) => /wx\.login gave a code/.test(line)),
    lines,
  )
})

test('a method that is replaced later is the one that is called', async () => {
  const world = await startTraced()
  await world.call('/a')
  const { request } = world.phone.wx
  let times = 0
  world.phone.wx.request = (options) => {
    times++
    return request(options)
  }
  await world.call('/b')
  equal(times, 1)
})
