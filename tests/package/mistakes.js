/* A mistake of the developer's is told, and the message says what is wrong with this very value. */
'use strict'

const { equal, ok, thrownBy } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('mistakes')

const loginUrl = 'https://api.example.com/wx/onlogin'

/** The messages that were printed, which are taken out of the record. */
const printed = (world) => world.phone.console.splice(0).map(({ values }) => values[0].message)

async function failsToRead(readSession, answer) {
  const world = await start({ options: readSession ? { readSession } : {} })
  world.backend.exchange = () => answer(world.backend.issue())
  return world.failure(world.call('/a'), 'bad_answer')
}

test('an id that cannot be used is told apart from one that is missing', async () => {
  /** @type {Array<[(id: string) => unknown, string]>} */
  const cases = [
    [() => undefined, 'the answer has no sessionid: check loginUrl'],
    [() => '', 'the answer has no sessionid: check loginUrl'],
    [() => null, 'the answer has no sessionid: check loginUrl'],
    [() => 123456, 'sessionid: must be a string'],
    [() => ['a'], 'sessionid: must be a string'],
    [(id) => 'x'.repeat(5000) + id, 'sessionid: longer than 4096'],
    [(id) => `${id}\r\nabc`, 'sessionid: no header can carry it'],
    [(id) => `${id}\n`, 'sessionid: no header can carry it'],
    [(id) => `Bearer 令牌${id}`, 'sessionid: no header can carry it'],
  ]
  for (const [idOf, message] of cases) {
    const error = await failsToRead(undefined, (id) => ({ data: { sessionid: idOf(id) } }))
    equal(error.message, message)
  }
})

test('a readSession that is async, returns the id itself or throws is named', async () => {
  const cases = [
    [async ({ data }) => ({ sessionid: data.token }), 'readSession: must return { sessionid }, not a promise'],
    [({ data }) => data.token, 'readSession: must return { sessionid }, not a string'],
    [() => true, 'readSession: must return { sessionid }, not a boolean'],
    [({ data }) => data.missing.token, 'readSession threw: see cause'],
  ]
  for (const [readSession, message] of cases) {
    equal((await failsToRead(readSession, (id) => ({ data: { token: id } }))).message, message)
  }
})

test('the exception of readSession is the cause, without the session', async () => {
  const readSession = ({ data }) => {
    throw new Error(`账号未绑定手机号 ${data.token}`)
  }
  const { cause } = await failsToRead(readSession, (id) => ({ data: { token: id } }))
  equal([cause.errMsg, cause.statusCode], ['账号未绑定手机号 ***', 200])
})

test('createSession with the login URL alone says that it needs an object', async () => {
  const world = await start()
  for (const given of [loginUrl, 17, true]) {
    const { message } = thrownBy(() => world.createSession(given))
    equal(message, 'createSession: must be called with an object')
  }
})

test('a misspelt option of a session gets the name that is nearest', async () => {
  const world = await start()
  const cases = {
    logniUrl: 'loginUrl',
    loginURL: 'loginUrl',
    header: 'there are',
    storagekey: 'storageKey',
    refusals: 'refusal',
  }
  for (const name of Object.keys(cases)) {
    const { code, message } = thrownBy(() => world.createSession({ loginUrl, [name]: 'x' }))
    equal(code, 'invalid_option')
    ok(message.indexOf(`${name}: unknown; `) === 0 && message.lastIndexOf(cases[name]) > 0, message)
  }
})

test('login() with anything but its options fails, and says how', async () => {
  const world = await start()
  const cases = [
    [{ forse: true }, 'forse: unknown; did you mean force'],
    [{ Force: true }, 'Force: unknown; did you mean force'],
    [{ force: 'yes' }, 'force: must be true or false'],
    [true, 'login: must be called with an object'],
  ]
  for (const [given, message] of cases) {
    equal((await world.failure(world.session.login(given), 'invalid_option')).message, message)
  }
  // As a button's handler, it gets the event.
  await world.session.login({ type: 'tap', detail: {}, target: {}, touches: [] })
  await world.session.login(null)
})

test('onChange() without a function throws', async () => {
  const world = await start()
  for (const listener of ['x', undefined, {}]) {
    const { code, message } = thrownBy(() => world.session.onChange(listener))
    equal([code, message], ['invalid_option', 'onChange: must be called with a function'])
  }
})

test('a call to nowhere that nobody listens to is printed, and nothing of it is sent', async () => {
  const world = await start()
  await world.session.login()
  const { requests } = world.phone.counts
  world.session.request()
  world.session.request({})
  world.session.request({ url: 'me' })
  world.session.request({ url: 'me', auth: false })
  world.session.uploadFile({ url: 'files', name: 'a', filePath: 'wxfile://a' })
  world.session.connectSocket({ url: 'chat' })
  await turns(3)
  const nowhere = 'url: must be absolute or start with /'
  equal(printed(world), ['url: must be a string', 'url: must be a string'].concat(Array(4).fill(nowhere)))
  equal(world.phone.counts.requests, requests)
})

test('a call to nowhere that somebody listens to is not printed', async () => {
  const world = await start()
  const heard = []
  const fail = ({ code, message }) => heard.push(code, message)
  world.session.request({ URL: '/me', fail })
  equal((await world.failure(world.session.request({ url: 'me' }), 'invalid_option')).code, 'invalid_option')
  await turns(3)
  equal(heard, ['invalid_option', 'url: must be a string'])
  equal(printed(world), ['URL: unknown; did you mean url'])
})

test('a misspelt option of a call is printed with the name that is nearest, and the call goes on', async () => {
  const world = await start()
  const { statusCode } = await world.call('/a', { headers: { a: 1 } })
  await world.call('/a', { sucess() {}, enableProfile: true, redirect: 'follow' })
  equal(
    [statusCode, printed(world)],
    [200, ['headers: unknown; did you mean header', 'sucess: unknown; did you mean success']],
  )
})

test('a value of auth that means nothing is printed, and the call goes on with the session', async () => {
  const world = await start()
  for (const auth of ['optionl', 1, null, {}, 'false']) {
    equal((await world.call('/a', { auth })).data.session, 1)
  }
  for (const auth of [true, false, 'optional', undefined]) await world.call('/b', { auth })
  equal(printed(world), Array(5).fill('auth: must be true, false or optional'))
})

test('the pause names the failure that it follows', async () => {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 403, data: { message: '小程序未授权' } })
  const first = await world.failure(world.call('/a'), 'exchange_rejected')
  const { cause, problem } = await world.failure(world.call('/b'), 'sign_in_paused')
  equal([cause.code, cause.statusCode, cause.errMsg], ['exchange_rejected', 403, first.cause.errMsg])
  equal([cause.problem, problem], [{ message: '小程序未授权' }, { message: '小程序未授权' }])
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail no network', errno: 7 } })
  await world.failure(world.session.login(), 'login_failed')
  const paused = await world.failure(world.call('/c'), 'sign_in_paused')
  equal([paused.cause.code, paused.cause.errMsg, paused.problem], ['login_failed', 'login:fail no network', undefined])
})

test('a refused sign-in has the cause that wx told, even if readSession cannot read it', async () => {
  const world = await start({ options: { readSession: ({ data }) => ({ sessionid: data.session.id }) } })
  world.backend.exchange = () => ({ statusCode: 403, data: { message: 'no' } })
  const { cause, problem } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal([cause.errMsg, cause.statusCode, problem], ['request:ok', 403, { message: 'no' }])
})

test('the pause does not name an earlier failure', async () => {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 403 })
  await world.failure(world.call('/a'), 'exchange_rejected')
  await world.clock.pass(1000)
  const { login } = world.phone.wx
  const gate = createGate()
  world.phone.wx.login = (options) => gate.opened.then(() => options.fail({ errMsg: 'login:fail' }))
  const aborted = world.call('/b')
  const over = world.failure(aborted, 'aborted')
  aborted.abort()
  gate.open()
  await over
  await until(() => world.session.state === 'signed-out')
  world.phone.wx.login = login
  const { cause } = await world.failure(world.call('/c'), 'sign_in_paused')
  equal([cause.code, cause.errMsg], [undefined, 'login:fail'])
})
