/* Loading the core: what can fail, who hears of it, and that the next call tries again. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('loading')

/** A program whose instantiation is replaced from the start. `loads` records each attempt. */
async function startWith(instantiate, setting) {
  const loads = []
  const watch = (backend, { WXWebAssembly }) => {
    const native = WXWebAssembly.instantiate
    WXWebAssembly.instantiate = (path, imports) => {
      const load = { isOver: false, result: native(path, imports) }
      const over = () => {
        load.isOver = true
      }
      loads.push(load)
      load.result.then(over, over)
      return load.result
    }
  }
  const world = await start(Object.assign({ phone: { hooks: { instantiate } }, before: watch }, setting))
  return Object.assign(world, { loads })
}

const loaded = (world, number) => until(() => world.phone.counts.instantiations === number)

/** Lets the pauses between attempts pass until all calls have ended. */
async function fails(world, calls) {
  let isOver = false
  const over = () => {
    isOver = true
  }
  Promise.all(calls).then(over, over)
  while (!isOver) {
    // The engine takes real time to compile.
    await until(() => (world.loads || []).every((load) => load.isOver))
    await turns(3)
    if (!isOver && world.session.state !== 'signing-in') await world.clock.pass(100)
  }
  return Promise.all(calls)
}

const BROKEN = { fail: new Error('instantiation is broken') }

test('the core is loaded at the start, once for each session of a program', async () => {
  const world = await start()
  const other = world.createSession(Object.assign({}, world.options, { storageKey: 'other' }))
  await Promise.all([world.call('/products'), other.request({ url: '/products' })])
  const third = world.createSession(Object.assign({}, world.options, { storageKey: 'third' }))
  await third.login()
  equal(world.phone.counts.instantiations, 3)
  await other.logout()
  equal([world.session.state, other.state, third.state], ['signed-in', 'signed-out', 'signed-in'])
})

test('a session that nobody uses calls nothing but the file and storage', async () => {
  const world = await start()
  await until(() => world.session.state !== 'loading')
  await turns(3)
  const { logins, requests, storageReads, storageWrites, storageRemovals } = world.phone.counts
  equal([logins, requests, storageReads, storageWrites, storageRemovals], [0, 0, 1, 0, 0])
})

test('an instantiation that gives the instance alone is understood', async () => {
  const world = await startWith(() => ({ bare: true }))
  equal(await world.calls(2), [200, 200])
})

test('the path of the file is an option', async () => {
  const paths = []
  const world = await startWith(({ path }) => {
    paths.push(path)
  })
  await world.session.login()
  const wasmPath = '/miniprogram_npm/wxsession/../wxsession/wxsession.wasm.br'
  const other = await startWith(
    ({ path }) => {
      paths.push(path)
    },
    { options: { wasmPath } },
  )
  await other.session.login()
  equal(paths, ['/miniprogram_npm/wxsession/wxsession.wasm.br', wasmPath])
})

test('ready rejects if the core cannot be loaded, and asking again loads again', async () => {
  let isBroken = true
  const world = await startWith(() => (isBroken ? BROKEN : undefined))
  await fails(world, [world.failure(world.session.ready, 'load_failed')])
  isBroken = false
  await world.session.ready
  equal(world.session.state, 'signed-out')
})

/** @type {Array<[string, () => any]>} */
const TWISTS = [
  ['fails', () => BROKEN],
  [
    'throws',
    () => {
      throw new Error('instantiation is broken')
    },
  ],
  ['fails with nothing', () => ({ fail: undefined })],
]

for (const [kind, twist] of TWISTS) {
  test(`an instantiation that ${kind} now and then is tried again, and no caller hears of it`, async () => {
    const world = await startWith(({ number }) => (number < 3 ? twist() : undefined))
    const calls = world.calls(5)
    await fails(world, [calls])
    equal([await calls, world.phone.counts.instantiations], [[200, 200, 200, 200, 200], 3])
  })

  test(`an instantiation that always ${kind} fails all waiting calls once, and the next loads again`, async () => {
    let isBroken = true
    const world = await startWith(() => (isBroken ? twist() : undefined))
    const heard = []
    const options = { fail: ({ code }) => heard.push(code), complete: () => heard.push('complete') }
    const calls = [1, 2, 3].map(() => world.failure(world.call('/products', options), 'load_failed'))
    calls.push(world.failure(world.session.login(), 'load_failed'))
    await fails(world, calls)
    equal(heard.sort(), ['complete', 'complete', 'complete', 'load_failed', 'load_failed', 'load_failed'])
    equal(world.counts(), { logins: 0, exchanges: 0, requests: 0 })
    isBroken = false
    equal(await world.calls(3), [200, 200, 200])
  })
}

test("a load that fails while nobody waits is nobody's rejection", async () => {
  const world = await startWith(() => BROKEN)
  await fails(world, [loaded(world, 3)])
  await turns(3)
  equal(world.session.state, 'loading')
})

test('a file that is not there is an error that says what to do', async () => {
  const world = await start({ options: { wasmPath: '/nowhere.wasm.br' } })
  const call = world.failure(world.call('/products'), 'load_failed')
  await fails(world, [call])
  const { cause, message } = await call
  ok(/npm/.test(message) && /wasmPath/.test(message), `the remedy: ${message}`)
  ok(/nowhere\.wasm\.br/.test(cause.errMsg), `the cause: ${cause.errMsg}`)
})

test('a phone without WebAssembly is an error that says what to do', async () => {
  const world = await start({ without: ['WXWebAssembly', 'TTWebAssembly'] })
  const call = world.failure(world.call('/products'), 'unsupported')
  await fails(world, [call])
  const { message } = await call
  ok(/import wxsession\/plain/.test(message), `the remedy: ${message}`)
  equal((await world.call('/weather', { auth: false })).statusCode, 401)
})

test('remote debugging 1.0, which takes no path, is an error that says so', async () => {
  const twist = { fail: new TypeError('WebAssembly.instantiate(): Argument 0 must be a buffer source') }
  const world = await startWith(() => twist)
  const call = world.failure(world.call('/products'), 'unsupported')
  await fails(world, [call])
  ok(/import wxsession\/plain/.test((await call).message), 'the remedy')
})

test('a load that never ends fails at its deadline, and the next call loads again', async () => {
  const world = await startWith(({ number }) => (number === 1 ? { delay: 1e9 } : undefined))
  const calls = [1, 2].map(() => world.failure(world.call('/products'), 'load_failed'))
  await loaded(world, 1)
  let isOver = false
  Promise.all(calls).then(() => {
    isOver = true
  })
  await world.clock.pass(9999)
  await turns(3)
  equal(isOver, false)
  await world.clock.pass(1)
  await Promise.all(calls)
  equal(await world.calls(2), [200, 200])
})

test('the deadline of loading is an option', async () => {
  const world = await startWith(() => ({ delay: 1e9 }), { options: { loadTimeout: 50 } })
  const call = world.failure(world.call('/products'), 'load_failed')
  await loaded(world, 1)
  await world.clock.pass(50)
  await call
})

test('a load that ends after its deadline changes nothing', async () => {
  const world = await startWith(({ number }) => (number === 1 ? { delay: 15000 } : undefined))
  const call = world.failure(world.call('/products'), 'load_failed')
  await loaded(world, 1)
  await world.clock.pass(10000)
  await call
  await world.signedIn()
  await world.clock.pass(5000)
  await world.loads[0].result
  await turns(3)
  equal([await world.calls(3), world.session.state], [[200, 200, 200], 'signed-in'])
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 4 })
})

test('a logout() while the core cannot be loaded resolves, and the next launch has no session', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart(undefined, { hooks: { instantiate: () => BROKEN } })
  await fails(next, [next.session.logout()])
  equal(next.kept(), undefined)
  const last = next.restart(undefined, { hooks: {} })
  await last.failure(last.call('/products'), 'signed_out')
})

test('a logout() while the core cannot be loaded holds when it can: calls fail until login()', async () => {
  const world = await startWith(({ number }) => (number <= 3 ? BROKEN : undefined))
  await fails(world, [world.session.logout()])
  await world.failure(world.call('/products'), 'signed_out')
  await world.session.login()
  equal([await world.calls(2), world.counts().logins], [[200, 200], 1])
})

/** A program that starts with the session of its last start. `load` lets its core be loaded. */
async function keptBeforeLoading() {
  const world = await (await start()).signedIn()
  const next = world.restart(undefined, { hooks: { instantiate: () => ({ delay: 1000 }) } })
  return Object.assign(next, { load: () => next.clock.pass(1000) })
}

test('a kept session goes out before the core is loaded, and the state says so', async () => {
  const world = await keptBeforeLoading()
  equal(world.session.state, 'signed-in')
  const calls = [world.call('/products'), world.call('/products')]
  equal(world.phone.requests.length, 2)
  equal(
    (await Promise.all(calls)).map(({ statusCode }) => statusCode),
    [200, 200],
  )
  await world.session.login()
  await world.load()
  await world.call('/products')
  equal(world.counts(), { logins: 0, exchanges: 0, requests: 3 })
})

/** What wx is asked at the next start of a program, from the creation of its session until its first call is over, in order. */
async function orderOfAsking(before) {
  const asked = []
  const hooks = {
    instantiate: () => void asked.push('instantiate'),
    request: () => void asked.push('request'),
  }
  const world = before.restart(undefined, { hooks })
  asked.push('created')
  const call = world.call('/products')
  asked.push('called')
  await call
  return asked
}

test('with a kept session the first call goes to wx before the core is asked for', async () => {
  const asked = await orderOfAsking(await (await start()).signedIn())
  equal(asked, ['created', 'request', 'called', 'instantiate'])
})

test('without a session the core is asked for before createSession returns', async () => {
  const asked = await orderOfAsking(await start())
  equal(asked, ['instantiate', 'created', 'called', 'request', 'request'])
})

test('with a kept session that has expired the core is asked for at once too', async () => {
  const world = await (await start()).signedIn()
  await world.clock.pass(604800000)
  const asked = await orderOfAsking(world)
  equal(asked, ['instantiate', 'created', 'called', 'request', 'request'])
})

test('with a kept session the core is loaded even if nobody calls', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart()
  await loaded(next, 1)
  equal(next.counts(), { logins: 0, exchanges: 0, requests: 0 })
})

test('a 401 that arrives before the core is loaded waits for it, and so do the calls behind it', async () => {
  const world = await keptBeforeLoading()
  world.backend.expire()
  const refused = world.call('/products')
  await quiet(world)
  const behind = world.call('/products')
  equal(world.phone.requests.length, 1)
  await world.load()
  equal([(await refused).statusCode, (await behind).statusCode], [200, 200])
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 4 })
})

test('a call that is aborted while its 401 waits for the core fails once, and is not sent again', async () => {
  const world = await keptBeforeLoading()
  world.backend.expire()
  const call = world.call('/products')
  const failed = world.failure(call, 'aborted')
  await quiet(world)
  call.abort()
  await failed
  await world.load()
  await quiet(world)
  equal(world.phone.requests.length, 1)
})

test('if the core cannot be loaded, a 401 is delivered as it came, and later calls fail', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart(undefined, { hooks: { instantiate: () => BROKEN } })
  const good = next.call('/products')
  equal((await good).statusCode, 200)
  next.backend.expire()
  const refused = next.call('/products')
  await fails(next, [refused])
  equal((await refused).statusCode, 401)
  const late = next.failure(next.call('/products'), 'load_failed')
  await fails(next, [late])
  equal(next.phone.requests.length, 2)
})

test('a kept session is not used once loading has failed, even if nobody waited', async () => {
  const world = await (await start()).signedIn()
  const next = world.restart(undefined, { hooks: { instantiate: () => BROKEN } })
  await fails(next, [loaded(next, 3)])
  await quiet(next)
  const late = next.failure(next.call('/products'), 'load_failed')
  await fails(next, [late])
  equal(next.counts(), { logins: 0, exchanges: 0, requests: 0 })
})

test('calls behind a sign-out or a forced login wait for the core', async () => {
  const world = await keptBeforeLoading()
  const forced = world.session.login({ force: true })
  const behind = world.call('/products')
  equal(world.phone.requests.length, 0)
  await world.load()
  await forced
  equal((await behind).data.session, 2)

  const other = await keptBeforeLoading()
  const left = other.session.logout()
  const failed = other.failure(other.call('/products'), 'signed_out')
  equal(other.phone.requests.length, 0)
  await other.load()
  await left
  await failed
})

test('a call to another server needs no core', async () => {
  const world = await startWith(() => ({ delay: 1000 }))
  world.phone.hooks.request = () => ({ answer: { statusCode: 401 } })
  const { statusCode } = await world.session.request({ url: 'https://other.example/products' })
  equal([statusCode, world.session.state], [401, 'loading'])
  equal(world.namedOrigins(), ['https://other.example'])
})

test('a socket that is refused before the core is loaded has the session renewed', async () => {
  const world = await keptBeforeLoading()
  const { connectSocket } = world.phone.wx
  let close
  world.phone.wx.connectSocket = () => /** @type {any} */ ({ onClose: (listener) => (close = listener) })
  world.session.connectSocket({ url: `${world.url.replace('http', 'ws')}/live` })
  world.phone.wx.connectSocket = connectSocket
  close({ code: 4401 })
  await world.load()
  equal((await world.call('/products')).data.session, 2)
})
