/* A sign-in that fails: every caller hears of it once, and the failure is not cached. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('failed sign-in')

/** Makes calls with callbacks only. Returns a list that grows with what each hears. */
function callers(world, number) {
  return Array.from({ length: number }, (_, place) => {
    const heard = []
    world.call(`/call/${place}`, {
      success: () => heard.push('success'),
      fail: (error) => {
        heard.push(error.code)
        world.told.errors.push(error)
      },
      complete: () => heard.push('complete'),
    })
    return heard
  })
}

/** The sign-in fails with this code for five calls and a login. After the pause a call signs in. */
async function failsEveryone(world, code, mended) {
  const heard = callers(world, 5)
  const login = world.failure(world.session.login(), code)
  await world.patiently(login)
  await quiet(world)
  equal(
    heard,
    heard.map(() => [code, 'complete']),
  )
  equal(world.session.state, 'signed-out')
  const failed = world.counts()
  mended()
  await world.clock.pass(1000)
  equal(await world.added(() => world.calls(3)), { logins: 1, exchanges: 1, requests: 4 })
  return failed
}

const logins = {
  fails: () => ({ fail: { errMsg: 'login:fail system error', errno: 600001 } }),
  'fails with nothing': () => ({ fail: undefined }),
  'succeeds without a code': () => ({ answer: { errMsg: 'login:ok' } }),
  'succeeds with an empty code': () => ({ answer: { errMsg: 'login:ok', code: '' } }),
  'succeeds with a code that is no text': () => ({ answer: { errMsg: 'login:ok', code: 12345 } }),
  'succeeds with nothing': () => ({ answer: undefined }),
}

for (const kind of Object.keys(logins)) {
  test(`a wx.login that ${kind} reaches every caller once, and is not tried again`, async () => {
    const world = await start()
    world.phone.hooks.login = logins[kind]
    const failed = await failsEveryone(world, 'login_failed', () => {
      world.phone.hooks.login = () => {}
    })
    equal(failed, { logins: 1, exchanges: 0, requests: 0 })
  })
}

test('a wx.login that throws fails the call that asked for it, and those after it are paused', async () => {
  const world = await start()
  world.phone.hooks.login = () => {
    throw new Error('login is broken')
  }
  const heard = callers(world, 3)
  await until(() => heard.every(({ length }) => length === 2))
  equal(
    heard.map(([first]) => first),
    ['login_failed', 'sign_in_paused', 'sign_in_paused'],
  )
  equal(world.counts(), { logins: 1, exchanges: 0, requests: 0 })
})

test('a failed wx.login is the cause that callers see', async () => {
  const world = await start()
  world.phone.hooks.login = logins.fails
  const error = await world.failure(world.call('/products'), 'login_failed')
  equal([error.cause.errMsg, error.cause.errno], ['login:fail system error', 600001])
})

test('a wx.login that never answers fails after its deadline, and what still comes is ignored', async () => {
  const world = await start()
  world.phone.hooks.login = ({ number }) => (number === 1 ? { late: 9000 } : { late: 5500 })
  const first = world.failure(world.call('/products'), 'login_timeout')
  await until(() => world.phone.counts.logins === 1)
  await world.clock.pass(4999)
  await turns(2)
  equal(world.session.state, 'signing-in')
  await world.clock.pass(1)
  await first
  await world.clock.pass(1000)
  // The first code arrives while the session waits for the second, and is ignored.
  const second = world.failure(world.call('/products'), 'login_timeout')
  await world.clock.pass(5000)
  await second
  equal(world.counts(), { logins: 2, exchanges: 0, requests: 0 })
})

test('the deadline of wx.login is an option', async () => {
  const world = await start({ options: { loginTimeout: 70 } })
  world.phone.hooks.login = () => ({ times: 0 })
  const call = world.failure(world.call('/products'), 'login_timeout')
  await until(() => world.phone.counts.logins === 1)
  await world.clock.pass(70)
  await call
})

test('a wx.login that answers twice is exchanged once', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ times: 2 })
  equal(await world.calls(3), [200, 200, 200])
  await quiet(world)
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 4 })
})

const rejected = { statusCode: 400, data: { message: 'no' } }
const exchanges = {
  'a 400': [rejected, 'exchange_rejected'],
  'a 404': [{ statusCode: 404, data: 'not found' }, 'exchange_rejected'],
  'a 401 without a name': [{ statusCode: 401 }, 'exchange_rejected'],
  'a blocked user': [problem(403, 'user_blocked'), 'user_blocked'],
  'a wrong secret at the server': [problem(500, 'misconfigured'), 'misconfigured'],
  'a 200 without a session': [{ data: { openid: 'o' } }, 'bad_answer'],
  'a 200 with text': [{ data: 'welcome' }, 'bad_answer'],
  'a 204': [{ statusCode: 204 }, 'bad_answer'],
  'a session id that is a number': [{ data: { sessionid: 17 } }, 'bad_answer'],
  'an empty session id': [{ data: { sessionid: '' } }, 'bad_answer'],
  'a session id that no header can carry': [{ data: { sessionid: 'a\r\nb: c' } }, 'bad_answer'],
}

for (const kind of Object.keys(exchanges)) {
  const [answer, code] = exchanges[kind]
  test(`an exchange that is answered with ${kind} reaches every caller once, and is not repeated`, async () => {
    const world = await start()
    world.backend.exchange = () => answer
    const failed = await failsEveryone(world, code, () => {
      world.backend.exchange = () => {}
    })
    equal(failed, { logins: 1, exchanges: 1, requests: 1 })
  })
}

test('the status of a rejected exchange is in the cause', async () => {
  const world = await start()
  world.backend.exchange = () => rejected
  const error = await world.failure(world.call('/products'), 'exchange_rejected')
  equal(error.cause.statusCode, 400)
})

test('a code that WeChat refuses is replaced by one fresh code', async () => {
  const world = await start()
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? problem(401, 'code_invalid') : undefined)
  equal(await world.calls(5), [200, 200, 200, 200, 200])
  equal(world.counts(), { logins: 2, exchanges: 2, requests: 7 })
  equal(
    world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body).code),
    world.told.codes,
  )
})

test('a second code that WeChat refuses fails every caller once', async () => {
  const world = await start()
  world.backend.exchange = () => problem(401, 'code_invalid')
  const failed = await failsEveryone(world, 'code_invalid', () => {
    world.backend.exchange = () => {}
  })
  equal(failed, { logins: 2, exchanges: 2, requests: 2 })
})

test('where a forced login fails, calls that waited for it go with the session that stands', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.exchange = () => gate.opened.then(() => problem(403, 'user_blocked'))
  const login = world.failure(world.session.login({ force: true }), 'user_blocked')
  const calls = [world.call('/a'), world.call('/b')]
  await until(() => world.backend.exchanges() === 2)
  gate.open()
  await login
  equal(
    (await Promise.all(calls)).map(({ data }) => data.session),
    [1, 1],
  )
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 2])
})
