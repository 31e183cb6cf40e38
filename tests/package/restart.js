/* The session survives a restart of the program, if it was stored and belongs to this server. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('restart')

test('a restarted program goes on with its session', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart()
  equal(
    await next.calls(20),
    Array.from({ length: 20 }, () => 200),
  )
  equal(next.counts(), { logins: 0, exchanges: 0, requests: 20 })
  equal([next.session.state, next.phone.requests[0].header.sessionid], ['signed-in', world.backend.ids[0]])
})

test('the listeners of a restarted program hear that it is signed in', async () => {
  const next = (await (await start()).signedIn()).restart()
  const told = []
  next.session.onChange((state) => told.push(state))
  await next.call('/products')
  await until(() => told.length > 0)
  equal(told, ['signed-in'])
})

test('storage is read once a start, and never for a call', async () => {
  const next = (await (await start()).signedIn()).restart()
  await next.calls(30)
  equal([next.phone.counts.storageReads, next.phone.counts.storageWrites], [1, 0])
})

test('the session is in storage before the first call goes out with it', async () => {
  const world = await start()
  const kept = []
  world.phone.hooks.request = ({ path }) => {
    if (path === '/products') kept.push(world.phone.shelf.has('wxsession'))
  }
  const states = []
  world.session.onChange((state) => states.push([state, world.phone.shelf.has('wxsession')]))
  await world.call('/products')
  equal(kept, [true])
  equal(states, [
    ['signed-out', false],
    ['signing-in', false],
    ['signed-in', true],
  ])
})

test('a program that is closed as soon as it has the session finds it again', async () => {
  const world = await start()
  let next
  world.session.onChange((state) => {
    if (state === 'signed-in') next = world.restart()
  })
  world.session.login()
  await until(() => next)
  equal((await next.call('/products')).statusCode, 200)
  equal(next.phone.counts.logins, 0)
})

test('a session that the server has ended meanwhile is renewed once', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart()
  world.backend.expire()
  equal(
    await next.calls(10),
    Array.from({ length: 10 }, () => 200),
  )
  equal(next.counts(), { logins: 1, exchanges: 1, requests: 21 })
})

test('the key in storage is an option, and its form has a version and the login URL', async () => {
  const world = await (await start({ options: { storageKey: 'mine' } })).signedIn()
  equal(Array.from(world.phone.shelf.keys()), ['mine'])
  const stored = JSON.parse(world.phone.shelf.get('mine'))
  equal([typeof stored.version, stored.loginUrl], ['number', `${world.url}/wx/onlogin`])
})

test('a stored form of another version is ignored', async () => {
  const world = await (await start({ options: { hostOf: plain } })).signedIn()
  const stored = JSON.parse(world.phone.shelf.get('wxsession'))
  const newer = stored.version + 1
  for (const version of [newer, 0, -1, null, undefined, String(newer), [newer], 1e300]) {
    world.phone.shelf.set('wxsession', JSON.stringify(Object.assign({}, stored, { version })))
    const next = world.restart()
    equal((await next.call('/products')).statusCode, 200)
    equal(next.counts(), { logins: 1, exchanges: 1, requests: 2 }, `version ${version}`)
  }
})

test('a session of another login URL is not used, and not sent to the new one', async () => {
  const world = await (await start()).signedIn()
  const [old] = world.backend.ids
  const next = world.restart({ loginUrl: `${world.url}/wx/onlogin?v=2` })
  equal((await next.call('/products')).data.session, 2)
  ok(
    next.phone.requests.every(({ header }) => header.sessionid !== old),
    'the old session is sent nowhere',
  )
  const back = next.restart({ loginUrl: `${world.url}/wx/onlogin` })
  equal((await back.call('/products')).data.session, 3)
})

test('a sign-out lasts across restarts, until login()', async () => {
  const world = await (await start()).signedIn()
  await world.session.logout()
  equal(world.kept(), undefined)
  const next = world.restart()
  await next.failure(next.call('/products'), 'signed_out')
  equal([next.session.state, next.counts()], ['signed-out', { logins: 0, exchanges: 0, requests: 0 }])
  const last = next.restart()
  await last.session.login()
  equal((await last.call('/products')).data.session, 2)
  equal((await last.restart().call('/products')).data.session, 2)
})

test('a failed login leaves the ending in storage', async () => {
  const world = await (await start()).signedIn()
  await world.session.logout()
  world.backend.exchange = () => ({ statusCode: 403 })
  await world.failure(world.session.login(), 'exchange_rejected')
  const next = world.restart()
  await next.failure(next.call('/products'), 'signed_out')
})

test('an ending of another login URL does not count', async () => {
  const world = await (await start()).signedIn()
  await world.session.logout()
  const next = world.restart({ loginUrl: `${world.url}/wx/onlogin?other` })
  equal((await next.call('/products')).data.session, 2)
})

for (const [what, ending] of Object.entries({
  'of a later version': { version: 3, ended: 6 },
  'with a reason that is none': { version: 2, ended: 14 },
  'without a reason': { version: 2 },
  'whose reason is no number': { version: 2, ended: { valueOf: 6 } },
})) {
  test(`an ending ${what} does not count`, async () => {
    const world = await (await start()).signedIn()
    const loginUrl = world.options.loginUrl
    world.phone.shelf.set('wxsession', JSON.stringify(Object.assign({ loginUrl }, ending)))
    const next = world.restart()
    equal((await next.call('/products')).data.session, 2)
  })
}
