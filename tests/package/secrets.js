/*
 * No code, session id or openid is thrown, rejected with or printed. Every test in this folder looks for codes and ids when
 * it ends; the tests in this file make wx and the server repeat them.
 */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { kinds, make, sends } = require('./kinds')
const { leaked } = require('./leaks')
const { start } = require('./start')
const { createGate, quiet, until } = require('./waiting')

const test = group('secrets')

const OPENID = 'o6zAJs1234567890openid'

/** A failure that repeats everything in the request. */
function repeating({ url, header, data }) {
  const text = JSON.stringify({ url, header, data })
  return { fail: { errMsg: `request:fail ${text}`, errno: 600009, url, header, data, stack: text } }
}

test('the search finds what it looks for, wherever it is hidden', async () => {
  const secret = 'secret-of-this-test'
  const error = new Error('fine')
  Object.defineProperty(error, 'hidden', { value: { inside: [secret] }, enumerable: false })
  for (const value of [secret, { [secret]: 1 }, new Error(secret), error, [[{ a: secret }]], `x${secret}y`]) {
    equal(leaked([value], [secret]), [secret])
  }
  equal(leaked([new Error('fine'), { a: 1 }], [secret]), [])
})

test('an exchange whose failure repeats the request tells neither code nor session', async () => {
  for (const loginMethod of ['POST', 'GET']) {
    const world = await (await start({ options: { loginMethod } })).signedIn()
    world.phone.hooks.request = repeating
    const error = await world.patiently(world.failure(world.session.login({ force: true }), 'network'))
    ok(/request:fail/.test(error.cause.errMsg), 'the cause is told without them')
    equal(leaked([error], world.told.codes.concat(world.backend.ids)), [])
  }
})

test('an exchange that is rejected with an answer that repeats the request tells nothing of it', async () => {
  const world = await start()
  world.backend.exchange = ({ body }) => ({ statusCode: 400, data: { code: body, message: body, openid: OPENID } })
  const error = await world.failure(world.call('/products'), 'exchange_rejected')
  equal(leaked([error], world.told.codes.concat(OPENID)), [])
})

test('a server that sends the openid along does not have it told, stored or sent anywhere', async () => {
  const world = await start()
  const sessionid = world.backend.issue()
  const answer = { sessionid, openid: OPENID, session_key: 'HyVFkGl5F5OQWJZZaNzBBg==' }
  world.backend.exchange = () => ({ data: answer })
  await world.session.login()
  world.phone.hooks.request = repeating
  const error = await world.failure(world.call('/products'), 'request_failed')
  const kept = Array.from(world.phone.shelf.values())
  equal(leaked([error, kept, world.phone.requests], [OPENID, answer.session_key]), [])
})

test('a call whose failure repeats the request does not tell the session', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = repeating
  const error = await world.failure(world.call('/products'), 'request_failed')
  ok(/request:fail/.test(error.errMsg) && error.errMsg === error.cause.errMsg, 'what wx said is told without it')
  equal(leaked([error], world.backend.ids), [])
})

test('a resend whose failure repeats the request tells neither session', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.phone.hooks.request = (request) => (world.backend.ids.length === 2 ? repeating(request) : undefined)
  const error = await world.failure(world.call('/products'), 'request_failed')
  equal(leaked([error], world.backend.ids), [])
})

test('a wx.request that throws the request back does not tell the session', async () => {
  const world = await (await start()).signedIn()
  world.phone.wx.request = ({ header }) => {
    throw new Error(JSON.stringify(header))
  }
  const error = await world.failure(world.call('/products'), 'request_failed')
  equal(leaked([error], world.backend.ids), [])
})

test('the end of a session that fails tells nobody of it', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = repeating
  await world.session.logout()
  const error = await world.failure(world.call('/products'), 'signed_out')
  equal(leaked([error, world.phone.console], world.backend.ids), [])
})

test('a session that storage has and refuses to keep is not told', async () => {
  const world = await start()
  world.phone.hooks.storage = (operation, key, value) => {
    if (operation !== 'get') throw new Error(`cannot ${operation} ${key} ${JSON.stringify(value)}`)
  }
  await world.session.login()
  await world.session.logout()
  equal(leaked([world.phone.console, world.phone.thrown], world.backend.ids), [])
})

test('what an app can read of a session and of its calls does not have the id', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.call = () => gate.opened
  const task = world.call('/products')
  await until(() => world.backend.at('/products').length === 1)
  equal(leaked([world.session, Object.assign({}, world.session)], world.backend.ids), [])
  gate.open()
  await task
})

for (const kind of kinds) {
  for (const sessionPlace of ['header', 'query', 'body']) {
    test(`the task of ${kind} shows no session with its place in the ${sessionPlace}, when it is serialised or logged`, async () => {
      const world = await start({ options: { sessionPlace } })
      const task = make(world, kind, '/a', { success() {} })
      const isSecret = () => leaked([task, JSON.stringify(task)], world.backend.ids.concat(world.told.codes)).length > 0
      equal(isSecret(), false)
      await until(() => sends(world, kind, '/a').length === 1)
      equal([isSecret(), JSON.stringify(task)], [false, '{}'])
      await quiet(world)
      equal(isSecret(), false)
    })
  }
}

test('an error has its code, its remedy, what wx and the server said, and a cause of five fields at most', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.request = repeating
  const errors = [await world.failure(world.call('/products'), 'request_failed')]
  world.phone.hooks.request = () => {}
  world.backend.exchange = () => ({ statusCode: 400, data: { message: 'no' } })
  errors.push(await world.failure(world.session.login({ force: true }), 'exchange_rejected'))
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail', errno: 7, extra: 'x' } })
  errors.push(await world.failure(world.session.login({ force: true }), 'login_failed'))
  const own = ['cause', 'code', 'errMsg', 'errno', 'message', 'name', 'problem', 'retryAfter']
  for (const error of errors) {
    ok(error instanceof Error && error.message.length > 10 && error.stack, 'it is an error with a message')
    const names = Object.getOwnPropertyNames(error).filter((name) => own.indexOf(name) < 0)
    // These are where engines record the place of an error.
    equal(
      names.filter((name) => !/^(stack|line|column|sourceURL)$/.test(name)),
      [],
    )
    const causes = Object.keys(error.cause).filter((name) => error.cause[name] !== undefined)
    equal(
      causes.filter((name) => ['code', 'errMsg', 'errno', 'problem', 'statusCode'].indexOf(name) < 0),
      [],
    )
  }
})

test('a code that wx repeats as part of a URL is not told either', async () => {
  const newCode = () => 'a+b/c=='
  const world = await start({ options: { loginMethod: 'GET' }, phone: { newCode } })
  const errMsg = `request:fail url ${world.url}/wx/onlogin?code=${encodeURIComponent(newCode())} not in domain list`
  world.phone.hooks.request = () => ({ fail: { errMsg } })
  const error = await world.patiently(world.failure(world.call('/products'), 'network'))
  equal(error.errMsg.indexOf(encodeURIComponent(newCode())), -1)
  ok(error.errMsg.indexOf('not in domain list') > 0, 'the rest is told')
})

test('whatever wx escapes of a code, and in which case, it is not told', async () => {
  const newCode = () => 'a+b/c==.d'
  const spellings = ['a+b/c==.d', 'a%2Bb%2Fc%3D%3D.d', 'a%2bb%2fc%3d%3d.d', 'a+b%2Fc==.d', 'a%2bb/c%3D=.d']
  const world = await start({ options: { loginMethod: 'GET' }, phone: { newCode } })
  const errMsg = `request:fail ${spellings.map((code) => `(${code})`).join(' ')} axb not told`
  world.phone.hooks.request = () => ({ fail: { errMsg } })
  const error = await world.patiently(world.failure(world.call('/products'), 'network'))
  equal(error.errMsg, `request:fail ${spellings.map(() => '(***)').join(' ')} axb not told`)
})

test('every character of a code means itself alone', async () => {
  for (const code of ['a.b', '(a*b', "[a!b]~'c", '\\d+$', '商品|\u{1f600}^', 'a{2}?']) {
    const world = await start({ phone: { newCode: () => code } })
    const errMsg = `request:fail ${code} ${encodeURIComponent(code)} aab bbbb 5`
    world.phone.hooks.request = () => ({ fail: { errMsg } })
    const error = await world.patiently(world.failure(world.call('/products'), 'network'))
    equal(error.errMsg, 'request:fail *** *** aab bbbb 5')
  }
})

test('a session in the query or in the body of a sign-in is not told', async () => {
  for (const sessionPlace of ['query', 'body']) {
    const world = await (await start({ options: { sessionPlace } })).signedIn()
    world.phone.hooks.request = repeating
    const error = await world.patiently(world.failure(world.session.login({ force: true }), 'network'))
    equal(leaked([error], world.backend.ids.concat(world.told.codes)), [])
    await world.session.logout()
  }
})
