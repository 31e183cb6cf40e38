/* Requests, uploads and downloads follow the same rules. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { deeplyFrozen, kinds, make, noting, said, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('transfers')

const live = async (setting) => (await start(setting)).signedIn()

/** The number of the session that each send to a path carried, or 0 for none. */
const carried = (world, kind, path) =>
  sends(world, kind, path).map(({ header }) => world.backend.ids.indexOf(header.sessionid) + 1)

for (const kind of transfers) {
  test(`${kind} with a live session is handed to wx before it returns`, async () => {
    const world = await live()
    const call = make(world, kind, '/a')
    equal(carried(world, kind, '/a'), [1])
    equal(said(world, kind, await call), { path: '/a', session: 1 })
  })

  test(`${kind} without a session waits for the sign-in that all share`, async () => {
    const world = await start()
    const answers = await Promise.all([1, 2, 3].map(() => make(world, kind, '/a')).concat(world.call('/b')))
    equal(said(world, kind, answers[0]).session, 1)
    equal([world.phone.counts.logins, world.backend.exchanges(), carried(world, kind, '/a')], [1, 1, [1, 1, 1]])
  })

  test(`${kind} that is refused is renewed and sent once more, and its caller hears of the second answer`, async () => {
    const world = await live()
    world.backend.expire()
    const heard = []
    const answer = await make(world, kind, '/a', noting(heard))
    equal([said(world, kind, answer).session, carried(world, kind, '/a')], [2, [1, 2]])
    equal([heard, world.phone.counts.logins], [['success 200', 'complete 200'], 2])
  })

  test(`${kind} that is refused twice keeps the session, and begins a pause`, async () => {
    const world = await live()
    world.backend.call = ({ path }) => (path === '/a' ? { statusCode: 401, data: { number: 1 } } : undefined)
    const heard = []
    await make(world, kind, '/a', noting(heard))
    equal(
      [heard, carried(world, kind, '/a')],
      [
        ['success 401', 'complete 401'],
        [1, 2],
      ],
    )
    await make(world, kind, '/a', noting(heard))
    equal([carried(world, kind, '/a'), world.phone.counts.logins], [[1, 2, 2], 2])
    equal([world.session.state, (await world.call('/b')).data.session], ['signed-in', 2])
  })

  test(`${kind} that was sent with an older session goes again with the newer, without a sign-in`, async () => {
    const world = await live()
    const gate = createGate()
    world.backend.call = ({ path, header }) =>
      path === '/late' && header.sessionid === world.backend.ids[0] ? gate.opened : undefined
    const late = make(world, kind, '/late')
    await until(() => world.backend.at('/late').length === 1)
    await world.session.login({ force: true })
    gate.open()
    equal([said(world, kind, await late).session, world.phone.counts.logins], [2, 2])
    equal((await world.call('/b')).data.session, 2)
  })

  test(`${kind} with auth: false goes out at once and bare, and its 401 is its own`, async () => {
    const world = await start()
    const call = make(world, kind, '/a', { auth: false, header: { 'X-Trace': 'a' } })
    const [{ header }] = sends(world, kind, '/a')
    equal(['sessionid' in header, header['X-Trace']], [false, 'a'])
    equal([(await call).statusCode, world.phone.counts.logins], [401, 0])
  })

  test(`${kind} to another origin goes bare and never waits`, async () => {
    const world = await start()
    world.phone.hooks[kind] = ({ path }) => (path === '/a' ? { answer: { statusCode: 401 } } : undefined)
    const { statusCode } = await make(world, kind, '', { url: 'https://evil.example/a' })
    equal([statusCode, world.phone.counts.logins, carried(world, kind, '/a')], [401, 0, [0]])
    await world.signedIn()
    await make(world, kind, '', { url: 'https://evil.example/a' })
    equal([world.phone.counts.logins, carried(world, kind, '/a')], [1, [0, 0]])
    equal(world.namedOrigins(), ['https://evil.example'])
  })

  test(`${kind} never changes its caller's objects, not even for a resend`, async () => {
    const world = await live()
    world.backend.expire()
    const own = { header: { 'X-Trace': 'a', SESSIONID: 'mine' }, data: { a: 1 }, formData: { b: '2' } }
    equal((await make(world, kind, '/a', deeplyFrozen(own))).statusCode, 200)
    await make(world, kind, '/b', deeplyFrozen({ auth: false, header: {} }))
    for (const { header } of sends(world, kind, '/a')) {
      equal([header['X-Trace'], Object.keys(header).filter((name) => /^sessionid$/i.test(name)).length], ['a', 1])
    }
  })

  test(`${kind} gives wx the caller's options as they are, and no timeout of ours`, async () => {
    const world = await live()
    const native = world.phone.wx[kind]
    const given = []
    world.phone.wx[kind] = (options) => {
      given.push(options)
      return native(options)
    }
    await make(world, kind, '/a', { auth: true, enableProfile: true, ofTheFuture: { a: 1 } })
    await make(world, kind, '/a', { timeout: 4321 })
    equal(
      given.map(({ timeout, enableProfile, ofTheFuture }) => [timeout, enableProfile, ofTheFuture]),
      [
        [undefined, true, { a: 1 }],
        [4321, undefined, undefined],
      ],
    )
    equal('auth' in given[0], false)
  })

  test(`${kind} joins a path to the app's own server`, async () => {
    const world = await live()
    equal(said(world, kind, await make(world, kind, '', { url: '/a?b=1' })), { path: '/a', session: 1 })
  })

  test(`${kind} after a sign-out fails, and a refusal of one sent before it signs nobody in`, async () => {
    const world = await live()
    const gate = createGate()
    world.backend.call = () => gate.opened.then(() => problem(401, 'session_expired'))
    const call = make(world, kind, '/a')
    await until(() => world.backend.at('/a').length === 1)
    await world.session.logout()
    gate.open()
    equal([(await call).statusCode, carried(world, kind, '/a')], [401, [1]])
    await world.failure(make(world, kind, '/a'), 'signed_out')
    equal([world.phone.counts.logins, world.session.state], [1, 'signed-out'])
  })

  test(`${kind} fails with the cause where the sign-in fails, once`, async () => {
    const world = await start()
    world.phone.hooks.login = () => ({ fail: { errMsg: 'login:fail system error' } })
    const heard = []
    const error = await world.failure(make(world, kind, '/a', noting(heard)), 'login_failed')
    await turns(3)
    equal([error.cause.errMsg, heard], ['login:fail system error', ['fail login_failed', 'complete login_failed']])
    equal(sends(world, kind, '/a'), [])
  })

  for (const code of ['session_replaced', 'session_revoked']) {
    test(`${kind} that a header alone says ${code} of ends the session`, async () => {
      const world = await live()
      const header = { 'Www-Authenticate': `WxSession error="${code}"` }
      world.backend.refusal = () => ({ statusCode: 401, header, data: {} })
      world.backend.expire()
      equal((await make(world, kind, '/a')).statusCode, 401)
      equal([world.session.state, carried(world, kind, '/a'), world.phone.counts.logins], ['ended', [1], 1])
      await world.failure(make(world, kind, '/b'), code)
    })
  }
}

test('calls of all kinds that are refused together make one sign-in', async () => {
  const world = await live()
  world.backend.expire()
  const calls = [].concat(...[1, 2, 3].map(() => transfers.map((kind) => make(world, kind, '/a'))))
  equal(
    (await Promise.all(calls)).map(({ statusCode }) => statusCode),
    calls.map(() => 200),
  )
  equal([world.phone.counts.logins, world.backend.exchanges()], [2, 2])
  for (const kind of transfers) equal(carried(world, kind, '/a'), [1, 1, 1, 2, 2, 2])
})

test('a call without a URL fails, whatever its kind', async () => {
  const world = await live()
  for (const kind of transfers) {
    const { message } = await world.failure(world.session[kind]({}), 'invalid_option')
    ok(/\burl\b/.test(message), message)
  }
})

test('calls of all kinds made before the core is loaded are held in their order', async () => {
  const world = await start()
  const order = []
  for (const kind of kinds) {
    const native = world.phone.wx[kind]
    world.phone.wx[kind] = (options) => {
      if (options.url.indexOf('/wx/') < 0) order.push(options.url.slice(-1))
      return native(options)
    }
  }
  const made = ['uploadFile', 'connectSocket', 'request', 'downloadFile', 'request']
  const calls = made.map((kind, place) => make(world, kind, `/${place}`))
  equal([world.session.state, order], ['loading', []])
  await Promise.all(calls)
  equal(order, ['0', '1', '2', '3', '4'])
})
