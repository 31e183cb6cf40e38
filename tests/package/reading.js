/* Servers with their own formats: how the session is read from a sign-in, and what refuses it. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { make, said, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('reading')

/** A server that answers sign-ins in its own format. */
async function reads(readSession, answerOf, options) {
  const world = await start({ options: Object.assign({ readSession }, options) })
  world.backend.exchange = () => answerOf(world.backend.issue())
  return world
}

test('the session is read from wherever the app says', async () => {
  let world
  const places = [
    [({ data }) => ({ sessionid: data.data.token }), (id) => ({ data: { data: { token: id } } })],
    [({ header }) => ({ sessionid: header['X-Session'] }), (id) => ({ header: { 'X-Session': id } })],
    [({ data }) => ({ sessionid: data }), (id) => ({ data: id })],
    [({ statusCode }) => ({ sessionid: world.backend.ids[statusCode - 201] }), () => ({ statusCode: 201 })],
  ]
  for (const [readSession, answerOf] of places) {
    world = await reads(readSession, answerOf)
    equal((await world.call('/a')).data.session, 1)
    equal(world.counts(), { logins: 1, exchanges: 1, requests: 2 })
  }
})

test('the lifetime that it reads counts', async () => {
  const world = await reads(
    ({ data }) => ({ sessionid: data.id, expires_in: 60 }),
    (id) => ({ data: { id } }),
  )
  await world.session.login()
  await world.clock.pass(59000)
  equal((await world.call('/a')).data.session, 1)
  await world.clock.pass(1000)
  equal((await world.call('/a')).data.session, 2)
})

test('the lifetime that it reads counts as text too', async () => {
  const world = await reads(
    ({ data }) => ({ sessionid: data.result.id, expires_in: data.result.ttl }),
    (id) => ({ data: { result: { id, ttl: '60' } } }),
  )
  await world.session.login()
  await world.clock.pass(59000)
  equal((await world.call('/a')).data.session, 1)
  await world.clock.pass(1000)
  equal((await world.call('/a')).data.session, 2)
})

const unread = {
  'gives nothing': () => undefined,
  'gives null': () => null,
  'gives a text': () => 'id',
  'gives no id': () => ({ expires_in: 60 }),
  'gives an empty id': () => ({ sessionid: '' }),
  'gives an id that is no text': () => ({ sessionid: { a: 1 } }),
  'gives a promise': () => Promise.resolve({ sessionid: 'a' }),
}

for (const kind of Object.keys(unread)) {
  test(`a readSession that ${kind} is a bad answer`, async () => {
    const world = await reads(unread[kind], (id) => ({ data: { sessionid: id } }))
    await world.failure(world.call('/a'), 'bad_answer')
    equal([world.counts().exchanges, world.session.state], [1, 'signed-out'])
  })
}

test('a readSession that throws, or gives what throws, is a bad answer, of which nothing is printed', async () => {
  const throwing = [
    ({ data }) => data.missing.sessionid,
    ({ data }) => {
      throw new Error(JSON.stringify(data))
    },
    () => ({
      get sessionid() {
        throw new Error('not ready')
      },
    }),
  ]
  for (const readSession of throwing) {
    const world = await reads(readSession, (id) => ({ data: { token: id } }))
    await world.failure(world.call('/a'), 'bad_answer')
    equal(world.counts().exchanges, 1)
  }
})

const wrongVerdicts = {
  'a promise': async () => true,
  'a number': () => 401,
  'a match': () => /expired/.exec('expired'),
}

for (const kind of Object.keys(wrongVerdicts)) {
  test(`a refusal that gives ${kind} refuses nothing, and the console says so`, async () => {
    const world = await (await start({ options: { refusal: wrongVerdicts[kind] } })).signedIn()
    equal([(await world.call('/a')).statusCode, world.phone.counts.logins], [200, 1])
    const printed = world.phone.console.splice(0).map(({ values }) => String(values[0]))
    equal(printed, ['SessionError: refusal: must return true or a code'])
  })
}

test('a readSession that gives an id for an answer in trouble signs nobody in', async () => {
  const world = await reads(
    () => ({ sessionid: 'a' }),
    () => ({ statusCode: 400 }),
  )
  await world.failure(world.call('/a'), 'exchange_rejected')
})

/** A server that refuses with status 200 and its own number. */
async function refuses(refusal) {
  const world = await start({ options: { refusal } })
  world.backend.refusal = () => ({ data: { errcode: 40101 } })
  return world.signedIn()
}

const codeOf = ({ data }) => Object(typeof data === 'string' && data[0] === '{' ? JSON.parse(data) : data).errcode

for (const verdict of [true, 'session_expired', 'session_missing', 'of the app']) {
  test(`a refusal that is ${verdict} renews and sends once more`, async () => {
    const world = await refuses((answer) => codeOf(answer) === 40101 && verdict)
    for (const kind of ['request', 'uploadFile']) {
      world.backend.expire()
      const answer = await make(world, kind, `/${kind}`)
      equal([said(world, kind, answer).path, sends(world, kind, `/${kind}`).length], [`/${kind}`, 2])
    }
    equal(world.phone.counts.logins, 3)
  })
}

for (const code of ['session_replaced', 'session_revoked']) {
  test(`a refusal that is ${code} ends the session`, async () => {
    for (const kind of transfers) {
      const world = await refuses(() => code)
      const answer = await make(world, kind, '/a')
      equal([answer.statusCode, world.session.state, sends(world, kind, '/a').length], [200, 'ended', 1])
      await world.failure(world.call('/b'), code)
    }
  })
}

test('a refusal that is true leaves the name of the problem to the answer', async () => {
  for (const kind of transfers) {
    const world = await (await start({ options: { refusal: ({ statusCode }) => statusCode === 401 } })).signedIn()
    world.backend.refusal = () => problem(401, 'session_replaced')
    world.backend.expire()
    equal((await make(world, kind, '/a')).statusCode, 401)
    equal([world.session.state, world.phone.counts.logins], ['ended', 1])
  }
})

for (const verdict of [false, undefined, null, '', 0]) {
  test(`a refusal that is ${JSON.stringify(verdict)} is none, whatever the status`, async () => {
    const world = await refuses(() => verdict)
    for (const kind of transfers) {
      world.backend.call = () => problem(401, 'session_replaced')
      equal((await make(world, kind, '/a')).statusCode, 401)
      equal(sends(world, kind, '/a').length, 1)
    }
    equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
  })
}

test("an answer that is refused twice in the app's own way reaches its caller, and begins a pause", async () => {
  const world = await refuses((answer) => codeOf(answer) === 40101)
  world.backend.call = () => ({ data: { errcode: 40101 } })
  for (const [sent, logins] of [
    [2, 2],
    [3, 2],
  ]) {
    equal((await world.call('/a')).data, { errcode: 40101 })
    equal([sends(world, 'request', '/a').length, world.phone.counts.logins], [sent, logins])
  }
})

test('a refusal that throws is none, and what it throws is thrown on', async () => {
  const thrown = new Error('of the app')
  const world = await refuses(() => {
    throw thrown
  })
  world.backend.call = () => ({ statusCode: 401 })
  equal((await world.call('/a')).statusCode, 401)
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
  equal(await world.thrownOn(1), [thrown])
})

test('bare calls and sign-ins are not asked about', async () => {
  const asked = []
  const world = await refuses((answer) => {
    asked.push(answer)
  })
  await world.session.login({ force: true })
  await world.call('/a', { auth: false })
  await world.session.logout()
  equal(asked, [])
})

test('what refuses calls has no say over sockets, which are never opened twice', async () => {
  const asked = []
  const refusal = (answer) => {
    asked.push(answer)
    return answer.statusCode !== 200
  }
  const world = await (await start({ options: { refusal } })).signedIn()
  make(world, 'connectSocket', '/live')
  await until(() => world.backend.sockets.length === 1)
  await quiet(world)
  equal([asked, world.phone.counts.sockets, world.phone.counts.logins], [[], 1, 1])
  world.backend.sockets[0].close(4401)
  await until(() => world.phone.counts.logins === 2)
  equal(asked, [])
})

test('a call that is aborted within refusal is not sent again', async () => {
  let task
  const refusal = () => {
    task.abort()
    return true
  }
  const world = await (await start({ options: { refusal } })).signedIn()
  task = world.call('/a')
  await world.failure(task, 'aborted')
  await turns(6)
  await quiet(world)
  equal(sends(world, 'request', '/a').length, 1)
})
