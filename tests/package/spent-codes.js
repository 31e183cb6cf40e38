/*
 * Servers that are not this project's: they refuse a code that was used before in words of their own, and judge a session
 * before they look at the route.
 */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('spent codes')

const EXPIRED = { statusCode: 401, data: 'expired' }
const codesOf = (world) => world.backend.at('/wx/onlogin').map(({ body }) => JSON.parse(body).code)
const presentedBy = (world) => world.backend.at('/wx/onlogin').map(({ header }) => header.sessionid)

const refusals = {
  'a 401 without a name': { statusCode: 401 },
  'a 401 in words of its own': { statusCode: 401, data: { message: 'code been used' } },
  'a 400': { statusCode: 400, data: { errcode: 40163 } },
  'a 403': { statusCode: 403 },
  'a 500': { statusCode: 500, data: 'code been used' },
  'a 200 without a session': { data: { errcode: 40163 } },
  code_invalid: problem(401, 'code_invalid'),
}
const losses = {
  'an answer that is lost': { reset: true },
  'a gateway that gives up': { statusCode: 504, data: 'gateway timeout' },
}

for (const loss of Object.keys(losses)) {
  for (const refusal of Object.keys(refusals)) {
    test(`after ${loss}, ${refusal} means that the code is spent`, async () => {
      const world = await start()
      const answers = [losses[loss], refusals[refusal]]
      world.backend.exchange = () => answers[world.backend.exchanges() - 1]
      equal(await world.patiently(world.calls(3)), [200, 200, 200])
      const [first, second] = world.told.codes
      equal(codesOf(world), [first, first, second])
    })
  }
}

test('after a time-out of wx, a refusal means that the code is spent', async () => {
  const world = await start()
  const late = { fail: { errMsg: 'request:fail timeout', errno: 5 } }
  world.phone.hooks.request = ({ number }) => (number === 1 ? late : undefined)
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? { statusCode: 400 } : undefined)
  equal(await world.patiently(world.calls(3)), [200, 200, 200])
  equal(world.counts(), { logins: 2, exchanges: 3, requests: 6 })
})

test('a code whose post was never in doubt is not replaced', async () => {
  const world = await start()
  world.backend.exchange = () =>
    world.backend.exchanges() === 1 ? problem(503, 'store_unavailable') : { statusCode: 400 }
  await world.patiently(world.failure(world.call('/products'), 'exchange_rejected'))
  equal(world.counts(), { logins: 1, exchanges: 2, requests: 2 })
})

test('a server in trouble of its own is asked three times in all', async () => {
  const world = await start()
  world.backend.exchange = () => ({ statusCode: 500, data: 'oops' })
  await world.patiently(world.failure(world.call('/products'), 'server_unavailable'))
  equal(world.counts(), { logins: 2, exchanges: 3, requests: 3 })
})

for (const refusal of Object.keys(refusals).filter((name) => name !== 'code_invalid')) {
  test(`a server that answers the presented session with ${refusal} is asked without it`, async () => {
    const world = await (await start()).signedIn()
    const [old] = world.backend.ids
    world.backend.exchange = ({ header }) => (header.sessionid ? refusals[refusal] : undefined)
    world.backend.expire()
    const added = await world.added(async () => equal((await world.patiently(world.call('/products'))).data.session, 2))
    equal([added.logins, added.exchanges], [2, 2])
    equal(presentedBy(world), [undefined, old, undefined])
    equal(new Set(codesOf(world)).size, 3, 'each time a fresh code')
    await world.patiently(world.session.login({ force: true }))
    equal(presentedBy(world).slice(3), [world.backend.ids[1], undefined], 'the next sign-in presents again')
  })
}

test('an answer that names a problem of ours is taken at its word', async () => {
  const world = await (await start()).signedIn()
  world.backend.exchange = () => problem(403, 'user_blocked')
  const added = await world.added(() => world.failure(world.session.login({ force: true }), 'user_blocked'))
  equal(added, { logins: 1, exchanges: 1, requests: 1 })
})

for (const sessionName of ['Authorization', 'authorization', 'Cookie']) {
  test(`${sessionName} is never presented, but ends at the server`, async () => {
    const world = await start({ options: { sessionName } })
    const name = sessionName.toLowerCase()
    world.backend.exchange = ({ header }) => (header[name] ? EXPIRED : undefined)
    await world.signedIn()
    await world.session.login({ force: true })
    equal(world.counts(), { logins: 2, exchanges: 2, requests: 2 })
    await world.session.logout()
    equal(world.backend.at('/wx/logout')[0].header[name], world.backend.ids[1])
  })
}
