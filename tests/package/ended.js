/* A session that was ended elsewhere: only login() signs in again, or two devices would push each other out. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { make } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, until } = require('./waiting')

const test = group('ended elsewhere')

const CODES = ['session_replaced', 'session_revoked']

/** A live session that the server reports as ended, for this reason. */
async function endedAs(code) {
  const world = await (await start()).signedIn()
  world.backend.refusal = () => problem(401, code)
  world.backend.expire()
  return world
}

for (const code of CODES) {
  test(`${code} reaches the caller and signs nobody in`, async () => {
    const world = await endedAs(code)
    const added = await world.added(async () => {
      const { data, statusCode } = await world.call('/products')
      equal([statusCode, data.code], [401, code])
      await quiet(world)
    })
    equal([added, world.session.state], [{ logins: 0, exchanges: 0, requests: 1 }, 'ended'])
  })

  test(`after ${code} calls fail with it at once, until login()`, async () => {
    const world = await endedAs(code)
    await world.call('/products')
    const added = await world.added(async () => {
      for (let number = 0; number < 3; number++) await world.failure(world.call('/products'), code)
      await world.clock.pass(3600000)
      await world.failure(world.call('/products'), code)
    })
    equal(added, { logins: 0, exchanges: 0, requests: 0 })
    await world.session.login()
    equal((await world.call('/products')).data.session, 2)
    equal(world.session.state, 'signed-in')
  })

  test(`${code} lasts across restarts, until login()`, async () => {
    const world = await endedAs(code)
    await world.call('/products')
    let next = world.restart()
    await next.failure(next.call('/products'), code)
    equal([next.session.state, next.counts()], ['ended', { logins: 0, exchanges: 0, requests: 0 }])
    next = next.restart()
    await next.failure(next.call('/products'), code)
    await next.session.login()
    equal((await next.restart().call('/products')).data.session, 2)
  })

  test(`${code} that only the header names is understood`, async () => {
    const world = await endedAs(code)
    world.backend.refusal = () => ({ statusCode: 401, header: { 'Www-Authenticate': `WxSession error="${code}"` } })
    equal((await world.call('/products')).statusCode, 401)
    await world.failure(world.call('/products'), code)
  })

  for (const mark of [[], [0xef, 0xbb, 0xbf]]) {
    const behind = mark.length ? ' behind a byte order mark' : ''
    test(`${code} that only a body of bytes names${behind} is understood`, async () => {
      const world = await endedAs(code)
      const text = JSON.stringify({ code, detail: 'x'.repeat(2000) })
      const bytes = mark.concat(text.split('').map((unit) => unit.charCodeAt(0)))
      world.backend.refusal = () => ({ statusCode: 401, data: Uint8Array.from(bytes) })
      equal((await world.call('/products', { responseType: 'arraybuffer' })).statusCode, 401)
      await world.failure(world.call('/products'), code)
    })
  }

  test(`${code} that a long body of bytes names at its end is understood`, async () => {
    const world = await endedAs(code)
    const text = JSON.stringify({ detail: 'x'.repeat(300000), code })
    const data = Uint8Array.from(text.split('').map((unit) => unit.charCodeAt(0)))
    world.backend.refusal = () => ({ statusCode: 401, data })
    equal((await world.call('/products', { responseType: 'arraybuffer' })).data.byteLength, data.length)
    await world.failure(world.call('/products'), code)
  })

  test(`${code} beside text in GB18030 is understood`, async () => {
    const world = await endedAs(code)
    // 登录失败, as old servers send it whatever their content type says.
    const message = [0xb5, 0xc7, 0xc2, 0xbc, 0xca, 0xa7, 0xb0, 0xdc]
    const units = (text) => text.split('').map((unit) => unit.charCodeAt(0))
    const bytes = units('{"msg":"').concat(message, units(`","code":"${code}"}`))
    world.backend.refusal = () => ({ statusCode: 401, data: Uint8Array.from(bytes) })
    equal((await world.call('/products', { responseType: 'arraybuffer' })).statusCode, 401)
    await world.failure(world.call('/products'), code)
  })

  test(`${code} that the headers of a download name is understood`, async () => {
    const world = await endedAs(code)
    equal((await make(world, 'downloadFile', '/products')).statusCode, 401)
    await world.failure(world.call('/products'), code)
  })

  test(`${code} that only the body names is understood`, async () => {
    const world = await endedAs(code)
    world.backend.refusal = () => ({ statusCode: 401, data: { code } })
    equal((await world.call('/products')).statusCode, 401)
    await world.failure(world.call('/products'), code)
  })
}

test('a refusal is not looked for beyond the first mebibyte of a body of bytes', async () => {
  const world = await endedAs('session_revoked')
  const named = JSON.stringify({ code: 'session_revoked' })
  const data = new Uint8Array((1 << 20) + named.length).fill(0x20)
  data.set(Uint8Array.from(named.split('').map((unit) => unit.charCodeAt(0))), 1 << 20)
  world.backend.refusal = () => ({ statusCode: 401, data })
  equal((await world.call('/products', { responseType: 'arraybuffer' })).statusCode, 200)
})

test('storage forgets a session that was ended, and the listeners hear of it', async () => {
  const world = await endedAs('session_replaced')
  const told = []
  world.session.onChange((state) => told.push([state, world.kept()]))
  await world.call('/products')
  equal(told, [['ended', undefined]])
})

test('every call in flight is given its own answer', async () => {
  const world = await endedAs('session_replaced')
  const added = await world.added(async () =>
    equal(
      await world.calls(15),
      Array.from({ length: 15 }, () => 401),
    ),
  )
  equal(added, { logins: 0, exchanges: 0, requests: 15 })
})

test('a call that was sent before the end and expires after it is not sent again', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.call = ({ path }) =>
    path === '/late' ? gate.opened.then(() => problem(401, 'session_expired')) : problem(401, 'session_revoked')
  const late = world.call('/late')
  await until(() => world.backend.at('/late').length === 1)
  await world.call('/products')
  const added = await world.added(async () => {
    gate.open()
    equal((await late).statusCode, 401)
  })
  equal([added, world.session.state], [{ logins: 0, exchanges: 0, requests: 0 }, 'ended'])
})

test('a resend that learns of the end gives its caller that answer', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.backend.call = () => (world.backend.ids.length === 2 ? problem(401, 'session_replaced') : undefined)
  equal((await world.call('/products')).data.code, 'session_replaced')
  equal(world.session.state, 'ended')
  await world.failure(world.call('/products'), 'session_replaced')
})

for (const code of CODES) {
  test(`after ${code} login() presents nothing, so that it signs in whom wx.login names`, async () => {
    const world = await endedAs(code)
    await world.call('/products')
    await world.session.login()
    const presented = world.backend.at('/wx/onlogin').map(world.backend.idOf)
    equal([presented, world.session.state], [[undefined, undefined], 'signed-in'])
  })
}

test('a login() that fails leaves the session ended', async () => {
  const world = await endedAs('session_revoked')
  await world.call('/products')
  world.backend.exchange = () => problem(403, 'user_blocked')
  await world.failure(world.session.login(), 'user_blocked')
  equal(world.session.state, 'ended')
  await world.clock.pass(1000)
  await world.failure(world.call('/products'), 'session_revoked')
})

test('calls that carry no session are not affected', async () => {
  const world = await endedAs('session_replaced')
  await world.call('/products')
  equal((await world.call('/weather', { auth: false })).statusCode, 401)
})

for (const isLogin of [true, false]) {
  const what = isLogin ? 'a login() goes on and brings a session' : 'a silent renewal ends, and its waiters are told'
  test(`when the session is ended while it is being replaced, ${what}`, async () => {
    const world = await (await start()).signedIn()
    const [answers, exchanges] = [createGate(), createGate()]
    world.backend.call = ({ path }) =>
      path === '/held' ? answers.opened.then(() => problem(401, 'session_replaced')) : undefined
    const held = world.call('/held')
    await until(() => world.backend.at('/held').length === 1)
    world.backend.exchange = () => exchanges.opened
    world.backend.expire()
    const waiting = isLogin
      ? world.session.login({ force: true })
      : world.failure(world.call('/products'), 'session_replaced')
    await until(() => world.backend.exchanges() === 2)
    answers.open()
    equal((await held).statusCode, 401)
    if (!isLogin) await waiting
    exchanges.open()
    await waiting
    await quiet(world)
    equal([world.session.state, world.phone.counts.logins], [isLogin ? 'signed-in' : 'ended', 2])
  })
}

/** Texts whose second bytes are a backslash, a quote or a brace to whoever takes them for ASCII. */
const misleading = {
  'an escaped quote': '{"msg":"\x81\x5c","code":"session_replaced"}',
  'another code': '{"msg":"\x81\x5c","x":"\x81\x5c","code":"session_replaced","y":"\x81\x5c"}',
  'an end that is none': '{"msg":"\x81\x7d\x81\x7e","code":"session_expired"}',
  'four bytes': '{"msg":"\x81\x30\x81\x30","code":"session_expired"}',
  'nothing but bytes': '\xff\xfe\x00\x81',
  'half a character': '{"msg":"\x81',
}

for (const kind of Object.keys(misleading)) {
  test(`a refusal in GB18030 with ${kind} is no ending and breaks nothing`, async () => {
    const world = await (await start()).signedIn()
    const data = Uint8Array.from(misleading[kind].split('').map((unit) => unit.charCodeAt(0)))
    world.backend.expire()
    world.backend.refusal = () => ({ statusCode: 401, data })
    const { statusCode } = await world.call('/products', { responseType: 'arraybuffer' })
    equal([statusCode, world.session.state, world.phone.counts.logins], [200, 'signed-in', 2])
  })
}
