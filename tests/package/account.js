/* The account of whoever is signed in, over the session. */
'use strict'

const { startAccount } = require('./account-backend')
const { equal, ok, thrownBy } = require('./assert')
const { problem } = require('./backend')
const { leaked } = require('./leaks')
const { group } = require('./runner')

const test = group('account')

/** The last call of an account route: method, path and body. */
const lastCall = ({ accounts }) => accounts.calls[accounts.calls.length - 1].slice(0, 3)

test('a guest’s account is read with the session, and signs in first', async () => {
  const world = await startAccount()
  const state = { user: 'guest-1', guest: true, password: false, identities: [], proved: 1 }
  equal(await world.account.get(), state)
  equal(world.accounts.calls, [['GET', '/wx/account', undefined, world.backend.ids[0]]])
})

test('a challenge is asked for with a session, and without one with a login code', async () => {
  const world = await startAccount()
  const wanted = { purpose: 'sign_in', identifier: '+8613800138000' }
  equal(await world.account.challenge(wanted), { expires_in: 300, resend_in: 60 })
  const withCode = Object.assign({ code: world.told.codes[0] }, wanted)
  equal([lastCall(world), world.backend.exchanges()], [['POST', '/wx/challenges', withCode], 0])
  await world.session.login()
  equal(await world.account.challenge(wanted), { expires_in: 300, resend_in: 60 })
  equal([lastCall(world), world.phone.counts.logins], [['POST', '/wx/challenges', wanted], 2])
  equal((await world.account.challenge({ purpose: 'oidc' })).nonce, 'n-1')
  equal(
    world.accounts.calls.map(([, , , id]) => id),
    [undefined, world.backend.ids[0], world.backend.ids[0]],
  )
})

test('who has signed out has a code sent by a login code too', async () => {
  const world = await (await startAccount()).signedIn()
  await world.session.logout()
  await world.account.challenge({ purpose: 'sign_in', identifier: '+8613800138000' })
  const [[, , sent, id]] = world.accounts.calls
  equal([sent.code, id, world.session.state], [world.told.codes[1], undefined, 'signed-out'])
})

test('a way in is linked with a fresh code of the WeChat user, and unlinked by its id', async () => {
  const world = await (await startAccount()).signedIn()
  const linked = await world.account.link({ method: 'wechat' })
  equal(linked, { id: 'i/0', kind: 'wechat', shown: '微信', since: 1 })
  equal(lastCall(world), ['POST', '/wx/account/identities', { method: 'wechat', code: world.told.codes[1] }])
  await world.account.link({ method: 'name', identifier: 'li.na', code: 'none of the caller’s' })
  equal(await world.account.unlink('i/0'), undefined)
  equal(lastCall(world), ['DELETE', '/wx/account/identities/i%2F0', undefined])
  equal((await world.account.get()).identities.length, 1)
})

test('the last way in stays', async () => {
  const world = await (await startAccount()).signedIn()
  await world.account.link({ method: 'wechat' })
  await world.failure(world.account.unlink('i/0'), 'last_identity')
})

test('a password is set, and the other sessions are over', async () => {
  const world = await (await startAccount()).signedIn()
  await world.session.login({ force: true })
  equal(await world.account.setPassword('correct horse'), undefined)
  equal(lastCall(world), ['PUT', '/wx/account/password', { password: 'correct horse' }])
  equal(world.backend.ids.map(world.backend.isLive), [false, true])
  equal((await world.account.get()).password, true)
})

test('sessions are listed, and ended by their ids', async () => {
  const world = await (await startAccount()).signedIn()
  await world.session.login({ force: true })
  const sessions = await world.account.sessions()
  equal(
    sessions.map(({ id, here }) => [id, here]),
    [
      ['s/0', false],
      ['s/1', true],
    ],
  )
  equal(await world.account.endSession('s/0'), undefined)
  equal(lastCall(world), ['DELETE', '/wx/sessions/s%2F0', undefined])
  equal(world.backend.ids.map(world.backend.isLive), [false, true])
})

test('whoever deletes the account is signed out, and is told of no ending by others', async () => {
  const world = await (await startAccount()).signedIn()
  equal(await world.account.remove(), undefined)
  equal([lastCall(world), world.session.state], [['DELETE', '/wx/account', undefined], 'signed-out'])
  await world.failure(world.call('/a'), 'signed_out')
})

test('an error has what the server says: the code, its document and the status', async () => {
  const world = await (await startAccount()).signedIn()
  world.accounts.isProved = false
  const error = await world.failure(world.account.setPassword('correct horse'), 'proof_needed')
  equal(error.problem.methods, ['password', 'code'])
  equal([error.cause.statusCode, error.name], [403, 'SessionError'])
})

test('an error names what is wrong with a password, and does not repeat it', async () => {
  const world = await (await startAccount()).signedIn()
  const error = await world.failure(world.account.setPassword('pa55'), 'password_weak')
  equal([error.problem.reason, error.message], ['short', '“***” is too short'])
  equal(leaked([error], ['pa55']), [])
})

test('a wrong credential neither renews the session nor is sent again', async () => {
  const world = await (await startAccount()).signedIn()
  const wrong = { method: 'password', identifier: 'li.na', password: 'incorrect horse' }
  const added = await world.added(async () => {
    await world.failure(world.account.link(wrong), 'credentials_wrong')
  })
  equal(added, { logins: 1, exchanges: 0, requests: 1 })
  equal(world.session.state, 'signed-in')
})

test('a call that the session fails has the session’s error', async () => {
  const world = await startAccount()
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  await world.failure(world.account.get(), 'login_failed')
  await world.session.logout()
  await world.failure(world.account.sessions(), 'signed_out')
})

test('a link fails if WeChat gives no code, or never answers', async () => {
  const world = await (await startAccount()).signedIn()
  const link = () => world.account.link({ method: 'wechat' })
  world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  equal((await world.failure(link(), 'login_failed')).cause.errMsg, 'login:fail')
  world.phone.hooks.login = () => ({ answer: {} })
  await world.failure(link(), 'login_failed')
  world.phone.hooks.login = () => ({ times: 0 })
  const late = world.failure(link(), 'login_timeout')
  await world.clock.pass(5000)
  await late
  equal(world.accounts.calls, [])
})

for (const { name, answer, code, message } of [
  {
    name: 'an answer that names nothing',
    answer: { statusCode: 502, data: '<html>' },
    code: 'request_failed',
    message: 'answered 502',
  },
  {
    name: 'a problem that only the challenge names',
    answer: Object.assign(problem(401, 'challenge_over'), { data: '' }),
    code: 'challenge_over',
    message: 'answered 401',
  },
  {
    name: 'a page in place of JSON',
    answer: { statusCode: 200, data: '<html>' },
    code: 'bad_answer',
    message: 'the answer is no JSON: check base',
  },
  {
    name: 'a code that is no text',
    answer: { statusCode: 400, data: { code: 40001 } },
    code: 'request_failed',
    message: 'answered 400',
  },
  {
    name: 'a problem with a title',
    answer: { statusCode: 409, data: { code: 'identity_taken', title: 'Taken' } },
    code: 'identity_taken',
    message: 'Taken',
  },
]) {
  test(`${name} is a failure`, async () => {
    const world = await (await startAccount()).signedIn()
    world.backend.call = () => answer
    equal((await world.failure(world.account.get(), code)).message, message)
  })
}

test('a failure says when to come back', async () => {
  const world = await (await startAccount()).signedIn()
  world.backend.call = () => problem(429, 'rate_limited', { 'Retry-After': '7' })
  equal((await world.failure(world.account.get(), 'rate_limited')).retryAfter, 7000)
})

test('the routes are where the app says', async () => {
  const world = await startAccount({ base: '/api/v2' })
  world.backend.call = ({ path }) => ({ data: { path } })
  equal(await world.account.get(), { path: '/api/v2/account' })
})

test('a wrong argument is named', async () => {
  const world = await startAccount()
  for (const id of [undefined, '', 7]) {
    const error = await world.failure(world.account.unlink(id), 'invalid_option')
    equal(error.message, 'id: must be a string that is not empty')
    await world.failure(world.account.endSession(id), 'invalid_option')
  }
  const thrown = thrownBy(() => world.createAccount(undefined))
  ok(thrown instanceof world.SessionError, thrown)
  equal([thrown.code, thrown.message], ['invalid_option', 'session: must be what createSession returned'])
})
