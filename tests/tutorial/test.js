/*
 * The packed package against the service of the usual tutorial, adapted by options alone:
 *   node tests/tutorial/test.js --package PROGRAM
 *
 * PROGRAM is the folder of a mini program that has the package in `miniprogram_npm/wxsession`.
 */
'use strict'

const http = require('http')
const { equal } = require('../package/assert')
const { group, run } = require('../package/runner')
const { start } = require('../package/start')
const { createService } = require('./service')

const test = group('tutorial')

const PRODUCTS = [
  { id: 1, name: 'Tea' },
  { id: 2, name: 'Cup' },
]
const LIST = '/wx/products/list'

/** Starts the tutorial's service over real HTTP, and a phone of one user. `first` sees requests before the service. */
async function startTutorial(first) {
  const used = new Set()
  const service = createService((code) => (used.has(code) ? undefined : used.add(code) && 'openid-of-a-user'))
  const listener = (request, response) => (first && first(request, response)) || service.app(request, response)
  const world = await start({ serve: () => listen(listener), options: { loginMethod: 'GET' } })
  return { world, sessions: service.sessions }
}

function listen(listener) {
  const server = http.createServer(listener)
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('net').AddressInfo} */ (server.address())
      resolve({ url: `http://127.0.0.1:${port}`, close })
    })
  })
}

/** Makes the service answer sign-ins like this. */
function signInAnswers(statusCode, type, body) {
  return ({ url }, response) => {
    if (!/^\/wx\/onlogin/.test(url)) return false
    response.writeHead(statusCode, { 'Content-Type': type })
    response.end(body)
    return true
  }
}

test('the service itself refuses without a session, and signs in with a code', async () => {
  const { world } = await startTutorial()
  equal((await world.call(LIST, { auth: false })).statusCode, 401)
  const { data } = await world.call('/wx/onlogin?code=any', { auth: false })
  const list = await world.call(LIST, { auth: false, header: { sessionid: data.sessionid } })
  equal([list.statusCode, list.data], [200, PRODUCTS])
})

test('it signs in and lists the products', async () => {
  const { world, sessions } = await startTutorial()
  const { data } = await world.call(LIST)
  equal(data, PRODUCTS)
  equal([world.counts(), sessions.size], [{ logins: 1, exchanges: 1, requests: 2 }, 1])
})

test('twenty calls at once make one sign-in', async () => {
  const { world, sessions } = await startTutorial()
  equal(
    await world.calls(20, LIST),
    Array.from({ length: 20 }, () => 200),
  )
  equal([world.counts(), sessions.size], [{ logins: 1, exchanges: 1, requests: 21 }, 1])
})

test('when the service has forgotten its sessions, twenty calls renew once', async () => {
  const { world, sessions } = await startTutorial()
  await world.call(LIST)
  sessions.clear()
  const added = await world.added(async () => {
    equal(
      await world.calls(20, LIST),
      Array.from({ length: 20 }, () => 200),
    )
  })
  equal([added, sessions.size], [{ logins: 1, exchanges: 1, requests: 41 }, 1])
})

test('a restarted program goes on with its session', async () => {
  const { world } = await startTutorial()
  await world.call(LIST)
  const next = world.restart()
  equal((await next.call(LIST)).data, PRODUCTS)
  equal(next.counts(), { logins: 0, exchanges: 0, requests: 1 })
})

test('signing out works though the service knows no such call', async () => {
  const { world } = await startTutorial()
  await world.call(LIST)
  await world.session.logout()
  equal([world.session.state, world.phone.requests[2].statusCode], ['signed-out', 404])
  await world.failure(world.call(LIST), 'signed_out')
})

test('a code that the service finds wrong fails the callers', async () => {
  const { world } = await startTutorial(signInAnswers(400, 'application/json', '{"error":"code is wrong"}'))
  const calls = [1, 2, 3].map(() => world.failure(world.call(LIST), 'exchange_rejected'))
  const [{ cause }] = await Promise.all(calls)
  equal([cause.statusCode, world.counts()], [400, { logins: 1, exchanges: 1, requests: 1 }])
})

test('a page instead of a session fails the callers', async () => {
  const { world } = await startTutorial(signInAnswers(200, 'text/html', '<h1>Welcome</h1>'))
  await world.failure(world.call(LIST), 'bad_answer')
})

test('a failure that the tutorial answers with a 200 fails the callers', async () => {
  const body = '{"errcode":40029,"errmsg":"invalid code"}'
  const { world } = await startTutorial(signInAnswers(200, 'application/json', body))
  await world.failure(world.call(LIST), 'bad_answer')
})

test('a service in trouble is asked again, and then fails the callers', async () => {
  let asked = 0
  const trouble = signInAnswers(502, 'text/html', '<h1>Bad gateway</h1>')
  const { world } = await startTutorial((request, response) => trouble(request, response) && Boolean(++asked))
  await world.patiently(world.failure(world.call(LIST), 'server_unavailable'))
  // The gateway may have lost an answer that spent the code, so the second refusal takes a fresh one, once.
  equal([asked, world.phone.counts.logins], [3, 2])
})

run()
