/* login() with credentials: an attempt of its own, which touches nobody else. */
'use strict'

const { addAccounts, DEVICE } = require('./account-backend')
const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { leaked } = require('./leaks')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, until } = require('./waiting')

const test = group('credentials')

const PASSWORD = 'correct horse battery'
const LI_NA = { method: 'password', identifier: 'li.na', password: PASSWORD }
const WRONG = Object.assign({}, LI_NA, { password: 'incorrect horse' })

/** A world whose server has accounts, and one account. */
async function startAccounts(options) {
  const world = await start({ options })
  const accounts = addAccounts(world.backend)
  accounts.add('li.na', PASSWORD)
  return Object.assign(world, { accounts })
}

test('the fields go into the body beside a fresh code, and nowhere else', async () => {
  const world = await startAccounts({ loginData: { channel: 7 } })
  await world.session.login(Object.assign({ force: true }, LI_NA))
  equal(world.accounts.signIns, [Object.assign({ channel: 7, code: world.told.codes[0] }, LI_NA)])
  equal([world.session.state, world.accounts.owner().user], ['signed-in', 'user-1'])
  equal(leaked([Array.from(world.phone.shelf.values())], [PASSWORD, 'li.na']), [])
  world.backend.expire()
  await world.call('/a')
  equal(Object.keys(world.accounts.signIns[1]).sort(), ['channel', 'code'])
})

test('a sign-in by GET puts no credentials into the URL', async () => {
  const world = await startAccounts({ loginMethod: 'GET' })
  await world.session.login(LI_NA)
  equal(
    world.backend.at('/wx/onlogin').map(({ method }) => method),
    ['POST'],
  )
})

test('what is sent is what the fields were at the call', async () => {
  const world = await startAccounts()
  const fields = Object.assign({ more: { pin: 1 } }, LI_NA)
  const login = world.session.login(fields)
  fields.password = 'another'
  fields.more.pin = 2
  await login
  const [{ password, more }] = world.accounts.signIns
  equal([password, more], [PASSWORD, { pin: 1 }])
})

test('a wrong password is sent once, leaves what stood and starts no pause', async () => {
  const world = await (await startAccounts()).signedIn()
  const before = world.kept()
  const added = await world.added(async () => {
    const error = await world.failure(world.session.login(WRONG), 'credentials_wrong')
    equal([error.cause.statusCode, error.problem.code], [401, 'credentials_wrong'])
    equal(leaked([error], [WRONG.password, 'li.na']), [])
  })
  equal(added, { logins: 1, exchanges: 1, requests: 1 })
  equal([world.session.state, world.kept()], ['signed-in', before])
  equal((await world.call('/a')).data.session, 1)
})

test('a refusal that names nothing fails the attempt, because it may be of the credentials; a plain login() replaces the session', async () => {
  const world = await (await startAccounts()).signedIn()
  const expired = world.kept()
  const { exchange } = world.backend
  // A server that judges the session before it looks at the route.
  world.backend.exchange = (request) => (request.header.sessionid === expired ? { statusCode: 401 } : exchange(request))
  for (let time = 0; time < 2; time++) {
    const added = await world.added(() => world.failure(world.session.login(LI_NA), 'exchange_rejected'))
    equal(added, { logins: 1, exchanges: 1, requests: 1 })
    equal([world.session.state, world.kept()], ['signed-in', expired])
  }
  await world.patiently(world.session.login({ force: true }))
  await world.session.login(LI_NA)
  equal(world.accounts.owner().user, 'user-1')
})

test('after a wrong password without a session, a call signs in as a guest at once', async () => {
  const world = await startAccounts()
  await world.failure(world.session.login(WRONG), 'credentials_wrong')
  equal((await world.call('/a')).statusCode, 200)
  equal(world.accounts.owner().user, 'guest-1')
})

test('the address where users of a third party agree arrives whole', async () => {
  const world = await startAccounts()
  const { problem } = await world.failure(world.session.login({ method: 'oidc', issuer: 'school' }), 'more_needed')
  equal([problem.ask, problem.state], [DEVICE, 'state-0'])
})

for (const [name, answer, code] of [
  ['busy', problem(503, 'server_busy'), 'server_unavailable'],
  ['broken', { statusCode: 502, data: '<html>' }, 'server_unavailable'],
  ['refusing without a problem of ours', { statusCode: 401, data: {} }, 'exchange_rejected'],
  ['limiting guesses', problem(429, 'rate_limited', { 'Retry-After': '9' }), 'rate_limited'],
]) {
  test(`a server that is ${name} judges the credentials once`, async () => {
    const world = await (await startAccounts()).signedIn()
    world.backend.exchange = () => Object(answer)
    const added = await world.added(async () => {
      await world.failure(world.session.login(LI_NA), String(code))
    })
    equal(added.exchanges, 1)
    equal((await world.call('/a')).statusCode, 200)
  })
}

test('an attempt whose answer is lost is posted again', async () => {
  const world = await startAccounts()
  const { exchange } = world.backend
  let times = 0
  world.backend.exchange = (request) => (++times === 1 ? { reset: true } : exchange(request))
  await world.patiently(world.session.login(LI_NA))
  equal([times, world.accounts.owner().user], [2, 'user-1'])
})

test('an attempt waits for a sign-in under way, and then has one of its own', async () => {
  const world = await startAccounts()
  const { exchange } = world.backend
  const gate = createGate()
  world.backend.exchange = (request) => gate.opened.then(() => exchange(request))
  const call = world.call('/a')
  await until(() => world.backend.exchanges() === 1)
  const login = world.session.login(LI_NA)
  gate.open()
  equal((await call).data.session, 1)
  await login
  equal(
    world.accounts.signIns.map(({ method }) => method),
    [undefined, 'password'],
  )
  equal(world.accounts.owner().user, 'user-1')
})

test('a sign-in that fails takes no attempt with it', async () => {
  const world = await startAccounts()
  const { exchange } = world.backend
  world.backend.exchange = (request) =>
    world.backend.exchanges() === 1 ? problem(403, 'user_blocked') : exchange(request)
  const call = world.failure(world.call('/a'), 'user_blocked')
  await until(() => world.session.state === 'signing-in')
  await world.session.login(LI_NA)
  await call
  equal(world.accounts.owner().user, 'user-1')
})

test('calls that wait for a failing attempt sign in without it', async () => {
  const world = await startAccounts()
  const login = world.failure(world.session.login(WRONG), 'credentials_wrong')
  const calls = world.calls(3)
  await login
  equal(await calls, [200, 200, 200])
  equal(world.counts().exchanges, 2)
})

test('calls that wait for an attempt go as the user whom it signs in', async () => {
  const world = await startAccounts()
  const login = world.session.login(LI_NA)
  const call = world.call('/a')
  await login
  equal((await call).data.session, 1)
})

test('attempts come one after the other, and the last one stands', async () => {
  const world = await startAccounts()
  world.accounts.add('wang', 'a long password')
  const first = world.session.login(LI_NA)
  const second = world.failure(world.session.login(WRONG), 'credentials_wrong')
  const third = world.session.login({ method: 'password', identifier: 'wang', password: 'a long password' })
  await Promise.all([first, second, third])
  equal([world.accounts.owner().user, world.counts().exchanges], ['user-2', 3])
})

test('a call that was sent for one user is not sent again for another', async () => {
  const world = await (await startAccounts()).signedIn()
  const { call } = world.backend
  const gate = createGate()
  world.backend.call = (request) => (request.path === '/slow' ? gate.opened.then(() => call(request)) : call(request))
  const slow = world.call('/slow')
  await until(() => world.backend.at('/slow').length === 1)
  await world.session.login(LI_NA)
  world.backend.end(world.backend.ids[0])
  gate.open()
  equal((await slow).statusCode, 401)
  equal(world.backend.at('/slow').length, 1)
})

test('a server that echoes what it was sent names no login code', async () => {
  const world = await startAccounts()
  world.backend.exchange = ({ body }) => ({ statusCode: 400, data: body })
  const error = await world.failure(world.session.login(LI_NA), 'exchange_rejected')
  equal(leaked([error, error.code], world.told.codes.concat(PASSWORD)), [])
})

test('a failed attempt is the cause of nobody’s pause', async () => {
  const world = await startAccounts()
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  await world.failure(world.call('/a'), 'login_failed')
  world.phone.hooks.login = () => undefined
  await world.failure(world.session.login(WRONG), 'credentials_wrong')
  const { cause } = await world.failure(world.call('/a'), 'sign_in_paused')
  equal([cause.code, cause.errMsg, cause.problem], ['login_failed', 'login:fail', undefined])
})

test('a sign-out ends the attempts, those that wait too', async () => {
  const world = await startAccounts()
  const gate = createGate()
  world.backend.exchange = () => gate.opened.then(() => problem(503, 'server_busy'))
  const first = world.failure(world.session.login(LI_NA), 'signed_out')
  const second = world.failure(world.session.login(LI_NA), 'signed_out')
  await until(() => world.backend.exchanges() === 1)
  await world.session.logout()
  await Promise.all([first, second])
  gate.open()
  equal(world.session.state, 'signed-out')
})

test('what the server asks for arrives, and is answered with its state', async () => {
  const world = await startAccounts()
  const step = Object.assign({}, LI_NA, { method: 'two-step' })
  const { problem: asked } = await world.failure(world.session.login(step), 'more_needed')
  equal([asked.ask, asked.state], [{ kind: 'otp', length: 6 }, 'opaque'])
  await world.session.login(Object.assign({ state: asked.state, otp: '493021' }, step))
  equal(world.accounts.owner().user, 'user-1')
})

test('a state and a reason arrive as they are, whatever the credentials have in common with them', async () => {
  const world = await start()
  const document = { code: 'password_weak', reason: 'short', state: 'eyJ.kliQshort.8e', title: 'short is weak' }
  world.backend.exchange = () => ({ statusCode: 422, data: document })
  const login = world.session.login({ method: 'password', identifier: 'li', password: 'short' })
  const { problem } = await world.failure(login, 'password_weak')
  equal(problem, Object.assign({}, document, { title: '*** is weak' }))
  // In a sentence the password is left out.
  document.reason = '密码short太短'
  const again = world.session.login({ method: 'password', identifier: 'li', password: 'short' })
  equal((await world.failure(again, 'password_weak')).problem.reason, '密码***太短')
})

test('a method that is no name is a mistake, and a misspelt option still is one', async () => {
  const world = await startAccounts()
  for (const method of [7, true, {}]) {
    const { message } = await world.failure(world.session.login({ method }), 'invalid_option')
    equal(message, 'method: must be a string')
  }
  ok(/force/.test((await world.failure(world.session.login({ forse: true }), 'invalid_option')).message), 'named')
})
