/* The users of an old database sign in unchanged, whatever the backend is written in. */
'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { BACKENDS, open } = require('./world')

const GUEST = { guest: true }
const ACCOUNT = { guest: false }
const AWAY = { status: 503, code: 'accounts_unavailable' }

for (const name of /** @type {(keyof typeof BACKENDS)[]} */ (Object.keys(BACKENDS))) {
  const test = group(name)

  test('users sign in with the passwords that they have', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal([await phone.signIn({}), await phone.name()], [GUEST, 'guest'])
    equal([await phone.byPassword('li.na', 'battery staple'), await phone.name()], [ACCOUNT, 'li.na'])
    const other = world.phone('bob')
    equal([await other.byPassword('wang.wei', 'correct horse'), await other.name()], [ACCOUNT, 'wang.wei'])
  })

  test('a wrong password and an unknown name are one refusal, and leave the session that stood', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple'), ACCOUNT)
    const wrong = { status: 401, code: 'credentials_wrong' }
    equal(await phone.byPassword('li.na', 'correct horse'), wrong)
    equal(await phone.byPassword('nobody', 'battery staple'), wrong)
    // A user without a password, and passwords that are none.
    for (const none of ['', 'null', null, undefined, [], {}]) {
      equal(await phone.byPassword('zhao.lei', none), wrong)
      equal(await phone.byPassword('li.na', none), wrong)
    }
    equal(await phone.name(), 'li.na')
    ok(!/battery|correct horse/.test(world.printed()), 'no password is printed')
  })

  test('a session of an account is renewed without a password, and by no other WeChat user', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple'), ACCOUNT)
    equal([await phone.signIn({}), await phone.name()], [ACCOUNT, 'li.na'])
    const thief = world.phone('eve')
    thief.session = phone.session
    equal(await thief.signIn({}), { status: 401, code: 'sign_in_needed' })
    equal(await phone.name(), 'li.na')
  })

  test('a linked phone signs in silently from then on', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple', { link: true }), ACCOUNT)
    phone.session = undefined
    equal([await phone.signIn({}), await phone.name()], [ACCOUNT, 'li.na'])
  })

  test('a linked phone stays the user it is linked to, until it is unlinked', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple', { link: true }), ACCOUNT)
    const taken = { status: 409, code: 'identity_taken' }
    equal(await phone.byPassword('wang.wei', 'correct horse', { link: true }), taken)
    equal(await phone.name(), 'li.na')
    equal([await phone.byPassword('wang.wei', 'correct horse'), await phone.name()], [ACCOUNT, 'wang.wei'])
    equal([await phone.signIn({ method: 'wechat' }), await phone.name()], [ACCOUNT, 'li.na'])
  })

  test('sessions outlive a killed wxsession', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple'), ACCOUNT)
    await world.restartServer()
    equal(await phone.name(), 'li.na')
    equal([await phone.signIn({}), await phone.name()], [ACCOUNT, 'li.na'])
  })

  test('the hook withstands what a server may ask', async () => {
    const world = await open(name)
    const { status, stdout } = world.check()
    equal({ status, stdout: status === 0 ? '' : stdout }, { status: 0, stdout: '' })
  })

  test('the hook answers nobody but wxsession', async () => {
    const world = await open(name)
    const asked = await fetch(`${world.url}/sign-in`, { method: 'POST', body: '{}' })
    ok(asked.status >= 400, `${asked.status}`)
  })

  test('while the backend is away sessions live on, nobody signs in, and no guest arises', async () => {
    const world = await open(name)
    const phone = world.phone('ann')
    equal(await phone.byPassword('li.na', 'battery staple'), ACCOUNT)
    await world.stopBackend()
    equal(await phone.signIn({}), AWAY)
    equal(await phone.byPassword('li.na', 'battery staple'), AWAY)
    equal(await world.phone('bob').signIn({}), AWAY)
    await world.startBackend()
    equal(await phone.name(), 'li.na')
    equal([await phone.signIn({}), await phone.name()], [ACCOUNT, 'li.na'])
  })

  test('a change of the password ends the sessions on other phones alone', async () => {
    const world = await open(name)
    const [phone, other] = [world.phone('ann'), world.phone('bob')]
    equal(await phone.byPassword('li.na', 'battery staple'), ACCOUNT)
    equal(await other.byPassword('li.na', 'battery staple'), ACCOUNT)
    equal(await phone.changePassword('wrong', 'Tr0ub4dor'), 403)
    equal(await other.name(), 'li.na')
    equal(await phone.changePassword('battery staple', 'Tr0ub4dor'), 204)
    equal([await phone.name(), await other.name()], ['li.na', 'session_revoked'])
    equal(await other.signIn({}), { status: 401, code: 'sign_in_needed' })
    equal(await other.byPassword('li.na', 'battery staple'), { status: 401, code: 'credentials_wrong' })
    equal([await other.byPassword('li.na', 'Tr0ub4dor'), await other.name()], [ACCOUNT, 'li.na'])
  })
}
