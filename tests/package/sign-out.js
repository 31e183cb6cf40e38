/* logout() ends the session here at once, on the server if it can be reached, and never rejects. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('sign-out')

const ended = (world) => world.backend.at('/wx/logout').map(({ header, method }) => [method, header.sessionid])

test('of a live session: gone here at once, and ended on the server', async () => {
  const world = await (await start()).signedIn()
  const [id] = world.backend.ids
  const leaving = world.session.logout()
  equal([world.session.state, world.kept()], ['signed-out', undefined])
  equal(await leaving, undefined)
  equal([ended(world), world.backend.isLive(id)], [[['POST', id]], false])
})

for (const loginMethod of ['POST', 'GET']) {
  test(`it posts an empty JSON object, also where the sign-in is a ${loginMethod}`, async () => {
    const world = await (await start({ options: { loginMethod } })).signedIn()
    await world.session.logout()
    const [{ body, header }] = world.backend.at('/wx/logout')
    equal([body, header['content-type']], ['{}', 'application/json'])
  })
}

test('later calls fail at once until login()', async () => {
  const world = await (await start()).signedIn()
  await world.session.logout()
  const added = await world.added(async () => {
    await world.failure(world.call('/products'), 'signed_out')
    await world.clock.pass(3600000)
    await world.failure(world.call('/products'), 'signed_out')
    equal((await world.call('/weather', { auth: false })).statusCode, 401)
  })
  equal(added, { logins: 0, exchanges: 0, requests: 1 })
  await world.session.login()
  equal((await world.call('/products')).data.session, 2)
})

const answers = {
  'a 404': () => ({ statusCode: 404 }),
  'a 401': () => ({ statusCode: 401 }),
  'a 500': () => ({ statusCode: 500 }),
  'a broken line': () => ({ reset: true }),
}

for (const kind of Object.keys(answers)) {
  test(`it resolves where the server answers with ${kind}, and starts no sign-in`, async () => {
    const world = await (await start()).signedIn()
    world.backend.logout = answers[kind]
    const added = await world.added(async () => equal(await world.session.logout(), undefined))
    equal([added, world.session.state], [{ logins: 0, exchanges: 0, requests: 1 }, 'signed-out'])
  })
}

test('it resolves where the server never answers, or wx.request throws', async () => {
  const world = await (await start({ options: { exchangeTimeout: 3000 } })).signedIn()
  world.backend.logout = () => ({ hang: true })
  world.phone.hooks.request = () => ({ times: 0 })
  let isOver = false
  const leaving = world.session.logout().then(() => {
    isOver = true
  })
  await world.clock.pass(2999)
  equal(isOver, false)
  await world.clock.pass(1)
  await leaving

  world.phone.hooks.request = () => {}
  await world.session.login()
  world.phone.wx.request = () => {
    throw new Error('request is broken')
  }
  equal(await world.session.logout(), undefined)
})

test('of nothing: no request, and calls fail', async () => {
  const world = await start()
  await world.session.logout()
  await world.failure(world.call('/products'), 'signed_out')
  equal(world.counts(), { logins: 0, exchanges: 0, requests: 0 })
})

test('while the core is loading: calls before it fail without a session, calls after it in any case', async () => {
  const world = await start()
  const before = world.failure(world.call('/products'), 'signed_out')
  const leaving = world.session.logout()
  const after = world.failure(world.call('/products'), 'signed_out')
  equal(world.session.state, 'loading')
  await Promise.all([before, leaving, after])
  await quiet(world)
  equal([world.session.state, world.backend.seen], ['signed-out', []])
})

test('while the core is loading: the stored session is ended here and on the server', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart()
  await next.session.logout()
  equal([next.session.state, next.kept()], ['signed-out', undefined])
  equal(ended(world), [['POST', world.backend.ids[0]]])
  await next.failure(next.call('/products'), 'signed_out')
})

test('while wx.login runs: every waiter fails once, and its code is never exchanged', async () => {
  const world = await start()
  world.phone.hooks.login = () => ({ delay: 1000 })
  const calls = [1, 2, 3].map(() => world.failure(world.call('/products'), 'signed_out'))
  calls.push(world.failure(world.session.login(), 'signed_out'))
  await until(() => world.phone.counts.logins === 1)
  await world.session.logout()
  await Promise.all(calls)
  await world.clock.pass(10000)
  await quiet(world)
  equal([world.counts(), world.session.state], [{ logins: 1, exchanges: 0, requests: 0 }, 'signed-out'])
})

test('while an exchange runs: a session that it still brings is ended on the server, and never used', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const call = world.failure(world.call('/products'), 'signed_out')
  await until(() => world.backend.exchanges() === 1)
  await world.session.logout()
  await call
  gate.open()
  await until(() => ended(world).length === 1)
  await quiet(world)
  equal([ended(world), world.session.state], [[['POST', world.backend.ids[0]]], 'signed-out'])
  equal([world.kept(), world.backend.isLive(world.backend.ids[0])], [undefined, false])
})

test('while an exchange runs, then login(): the late session is ended, the new one lives', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => (world.backend.exchanges() === 1 ? gate.opened : undefined)
  const call = world.failure(world.call('/first'), 'signed_out')
  await until(() => world.backend.exchanges() === 1)
  await world.session.logout()
  await call
  await world.session.login()
  const [live] = world.backend.ids
  gate.open()
  await until(() => ended(world).length === 1)
  await quiet(world)
  equal(ended(world), [['POST', world.backend.ids[1]]])
  equal([(await world.call('/second')).data.session, world.backend.isLive(live)], [1, true])
})

test('while a renewal runs: the session that it presents is no longer used', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened
  const call = world.failure(world.call('/products'), 'signed_out')
  await until(() => world.backend.exchanges() === 2)
  await world.session.logout()
  await call
  gate.open()
  await until(() => ended(world).some(([, id]) => id === world.backend.ids[1]))
  await world.failure(world.call('/products'), 'signed_out')
})

test('calls in flight keep their answers, and a refusal among them signs nobody in', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  const answerOf = (path) => (path === '/refused' ? { statusCode: 401 } : { data: 'fine' })
  world.backend.call = ({ path }) => gate.opened.then(() => answerOf(path))
  const calls = [world.call('/accepted'), world.call('/refused')]
  await until(() => world.backend.at('/refused').length === 1 && world.backend.at('/accepted').length === 1)
  await world.session.logout()
  gate.open()
  const [accepted, refused] = await Promise.all(calls)
  await turns(2)
  equal([accepted.data, refused.statusCode, world.phone.counts.logins], ['fine', 401, 1])
})

test('a refusal from before it is not sent again with the session of a later login()', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.call = ({ path }) => (path === '/late' ? gate.opened.then(() => ({ statusCode: 401 })) : undefined)
  const late = world.call('/late')
  await until(() => world.backend.at('/late').length === 1)
  await world.session.logout()
  await world.session.login()
  gate.open()
  equal([(await late).statusCode, world.backend.at('/late').length], [401, 1])
  equal((await world.call('/products')).data.session, 2)
})

test('twice is once', async () => {
  const world = await (await start()).signedIn()
  equal(await Promise.all([world.session.logout(), world.session.logout()]), [undefined, undefined])
  equal(ended(world).length, 1)
})

test('the URL is an option, and lies beside the login URL by default', async () => {
  const world = await (await start({ options: { logoutUrl: 'http://placeholder.example/bye' } })).signedIn()
  world.phone.hooks.request = () => ({ answer: { statusCode: 204 } })
  await world.session.logout()
  equal(world.phone.requests[1].url, 'http://placeholder.example/bye')

  for (const [loginUrl, logoutUrl] of [
    ['https://api.example.com/v1/login?x=/y#z', 'https://api.example.com/v1/logout'],
    ['https://api.example.com/login', 'https://api.example.com/logout'],
    ['https://api.example.com', 'https://api.example.com/logout'],
  ]) {
    const other = world.createSession({ loginUrl, storageKey: loginUrl })
    world.phone.hooks.request = () => ({ answer: { data: { sessionid: 'a' } } })
    await other.login()
    await other.logout()
    equal(world.phone.requests[world.phone.requests.length - 1].url, logoutUrl)
  }
})

/** The header of a sign-out after a sign-in with these options, and of one after a restart. */
async function leftWith(loginHeader) {
  const world = await (await start({ options: { loginHeader } })).signedIn()
  await world.session.logout()
  await world.session.login()
  const next = world.restart()
  await next.session.logout()
  return world.backend.at('/wx/logout').map(({ header }) => [header['tenant-id'], header.sessionid])
}

const headers = {
  'an object': [{ 'tenant-id': '7' }, '7'],
  'a function': [() => ({ 'tenant-id': '7' }), '7'],
  'an async function': [async () => ({ 'tenant-id': '7' }), '7'],
  'a function that needs the code': [(code) => ({ 'tenant-id': code ? code.length : '7' }), '7'],
  'a function that fails without a code': [(code) => ({ 'tenant-id': code.match(/secret/)[0] }), undefined],
  'a function that gives what throws': [
    (code) =>
      code
        ? {}
        : {
            get tenant() {
              throw new Error('no tenant')
            },
          },
    undefined,
  ],
}

for (const kind of Object.keys(headers)) {
  test(`it has the loginHeader by which the server knows the tenant: ${kind}`, async () => {
    const [loginHeader, tenant] = headers[kind]
    const left = await leftWith(loginHeader)
    equal(
      left.map(([sent]) => sent),
      [tenant, tenant],
    )
    equal(left.filter(([, id]) => id).length, 2)
  })
}

test('a loginHeader that never comes holds nobody up', async () => {
  const loginHeader = (code) => (code ? {} : new Promise(() => {}))
  const world = await (await start({ options: { loginHeader, exchangeTimeout: 3000 } })).signedIn()
  const leaving = world.session.logout()
  equal(world.session.state, 'signed-out')
  await world.clock.pass(3000)
  equal(await leaving, undefined)
})
