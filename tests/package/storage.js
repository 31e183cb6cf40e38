/* A failing storage costs the next start a sign-in, but never a call. */
'use strict'

const { equal, ok, thrownBy } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('storage')

const broken = () => {
  throw Object.assign(new Error('storage is broken'), { errMsg: 'storage:fail' })
}

/** A storage whose named operations throw. */
const breaks =
  (...operations) =>
  (operation) =>
    operations.indexOf(operation) >= 0 ? broken() : undefined

for (const operations of [['get'], ['set'], ['remove'], ['set', 'remove'], ['get', 'set', 'remove']]) {
  test(`calls, renewals and sign-outs work where ${operations.join(', ')} throws`, async () => {
    const world = await start({ phone: { hooks: { storage: breaks(...operations) } } })
    equal(await world.calls(5), [200, 200, 200, 200, 200])
    world.backend.expire()
    equal((await world.call('/products')).data.session, 2)
    await world.session.logout()
    equal(world.session.state, 'signed-out')
    await world.session.login()
    equal((await world.call('/products')).data.session, 3)
    equal(world.counts(), { logins: 3, exchanges: 3, requests: 12 })
  })
}

test('full storage costs the next start a sign-in', async () => {
  const world = await (await start({ phone: { hooks: { storage: breaks('set') } } })).signedIn()
  const next = world.restart()
  equal((await next.call('/products')).data.session, 2)
  equal(next.phone.counts.logins, 1)
})

test('a removal that fails writes an empty value instead', async () => {
  const world = await start({ before: (backend) => (backend.exchange = () => problem(401, 'sign_in_needed')) })
  world.phone.hooks.storage = breaks('remove')
  await world.failure(world.call('/products'), 'sign_in_needed')
  equal(world.phone.shelf.get('wxsession'), '""')
})

test('an ending that finds no room removes the session all the same', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.storage = breaks('set')
  await world.session.logout()
  equal([world.phone.shelf.has('wxsession'), world.session.state], [false, 'signed-out'])
  const next = world.restart()
  equal((await next.call('/products')).data.session, 2)
})

test('a read that fails is not made again for the next call', async () => {
  const world = await start({ phone: { hooks: { storage: breaks('get') } } })
  await world.calls(5)
  await world.calls(5)
  equal(world.phone.counts.storageReads, 1)
})

const unprintable = { valueOf: 1, toString: 1 }
const rubbish = {
  nothing: () => undefined,
  null: () => null,
  'a number': () => 17,
  'a text': () => 'rubbish',
  'a list': () => [1, 2],
  'an empty object': () => ({}),
  true: () => true,
  'an id that is a number': (stored) => Object.assign(stored, { id: 17 }),
  'an empty id': (stored) => Object.assign(stored, { id: '' }),
  'an id that no header can carry': (stored) => Object.assign(stored, { id: 'a\nb: c' }),
  'an id without end': (stored) => Object.assign(stored, { id: 'x'.repeat(1000000) }),
  'a login URL that is a list': (stored) => Object.assign(stored, { loginUrl: [stored.loginUrl] }),
  'a version that is no number': (stored) => Object.assign(stored, { version: unprintable }),
  'a time that is no number': (stored) => Object.assign(stored, { received: unprintable, lifetime: unprintable }),
  'a time far off': (stored) => Object.assign(stored, { received: -1e300, lifetime: 1e300 }),
  'a symbol': () => Symbol('rubbish'),
  'a function': () => () => 'rubbish',
}

for (const kind of Object.keys(rubbish)) {
  test(`${kind} in storage costs no call`, async () => {
    const world = await (await start()).signedIn()
    const stored = JSON.parse(world.phone.shelf.get('wxsession'))
    const next = world.restart(undefined, {
      hooks: { storage: (operation) => (operation === 'get' ? { value: rubbish[kind](stored) } : undefined) },
    })
    equal(await next.calls(3), [200, 200, 200])
    ok(next.phone.counts.logins <= 1, 'one sign-in at most')
    equal(next.session.state, 'signed-in')
  })
}

test('a second session on a key in use is refused, and says what to do', async () => {
  const world = await start()
  const error = thrownBy(() => world.createSession(world.options))
  ok(error instanceof world.SessionError, 'it is a SessionError')
  equal(error.code, 'storage_key_in_use')
  ok(/storageKey/.test(error.message), error.message)
  equal(await world.calls(2), [200, 200])
})

test('sessions on different keys keep to their own', async () => {
  const world = await start()
  const other = world.createSession(Object.assign({}, world.options, { storageKey: 'other' }))
  await world.session.login()
  await other.login()
  await other.logout()
  equal([world.session.state, world.kept()], ['signed-in', world.backend.ids[0]])
  equal((await world.call('/products')).data.session, 1)
})
