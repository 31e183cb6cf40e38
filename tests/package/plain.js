/* The core as plain script: where it is taken, and what happens as WebAssembly is taken away. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('plain')

const BOTH = ['WXWebAssembly', 'TTWebAssembly']

/** A program that has required `wxsession/plain`, and that passes it as `core` if it `isCore`. */
function startWithIt(setting, isCore) {
  const options = {}
  const before = (backend, phone) => {
    const { plain } = phone.require('wxsession/plain')
    if (isCore) Object.assign(options, { core: plain })
  }
  return start(Object.assign({ options, before }, setting))
}

test('where WebAssembly is missing, a program that requires it signs in once for all calls', async () => {
  const world = await startWithIt({ without: BOTH })
  equal(await world.calls(20), Array(20).fill(200))
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
})

test('where WebAssembly is missing, an expired session is renewed once', async () => {
  const world = await startWithIt({ without: BOTH })
  await world.session.login()
  world.backend.expire()
  equal(await world.calls(20), Array(20).fill(200))
  equal([world.phone.counts.logins, world.session.state], [2, 'signed-in'])
})

/** @type {Array<[string, () => any]>} */
const REFUSALS = [
  ['rejects the module', () => ({ fail: new Error('WebAssembly is disabled') })],
  ['rejects with nothing', () => ({ fail: undefined })],
  [
    'throws',
    () => {
      throw new Error('WebAssembly is disabled')
    },
  ],
  ['wants bytes, as in debugging 1.0', () => ({ fail: new TypeError('Argument 0 must be a buffer source') })],
]

for (const [kind, instantiate] of REFUSALS) {
  test(`where WebAssembly ${kind}, no call hears of it and nothing is tried twice`, async () => {
    const world = await startWithIt({ phone: { hooks: { instantiate } } })
    equal(await world.calls(5), [200, 200, 200, 200, 200])
    equal([world.phone.counts.instantiations, world.phone.counts.logins], [1, 1])
  })
}

test('where WebAssembly answers rubbish, the script is taken', async () => {
  for (const rubbish of [undefined, null, 17, {}, { instance: {} }]) {
    const world = await start({
      before(backend, phone) {
        phone.WXWebAssembly.instantiate = () => Promise.resolve(rubbish)
        phone.require('wxsession/plain')
      },
    })
    equal((await world.call('/products')).statusCode, 200)
  }
})

test('where WebAssembly never answers, the script is taken after a second', async () => {
  const world = await startWithIt({ phone: { hooks: { instantiate: () => ({ delay: 1e9 }) } } })
  const call = world.call('/products')
  await until(() => world.phone.counts.instantiations === 1)
  await world.clock.pass(999)
  equal(world.session.state, 'loading')
  await world.clock.pass(1)
  equal((await call).statusCode, 200)
})

test('where WebAssembly works, a program that only requires the script uses the module', async () => {
  const world = await startWithIt({})
  equal([(await world.call('/products')).statusCode, world.phone.counts.instantiations], [200, 1])
})

test('as the option core it is used everywhere, and the file is not asked for', async () => {
  const world = await startWithIt({}, true)
  equal(await world.calls(3), [200, 200, 200])
  equal(world.phone.counts.instantiations, 0)
})

test('two sessions have two cores', async () => {
  const world = await startWithIt({ without: BOTH }, true)
  const other = world.createSession(Object.assign({}, world.options, { storageKey: 'other' }))
  await Promise.all([world.session.login(), other.login()])
  await other.logout()
  equal([world.session.state, other.state], ['signed-in', 'signed-out'])
})

test('WebAssembly that is taken away between two starts costs no sign-in and no call', async () => {
  const world = await start()
  await world.session.login()
  const { plain } = world.phone.require('wxsession/plain')
  const next = world.restart({ core: plain }, { hooks: { instantiate: () => ({ fail: new Error('switched off') }) } })
  equal((await next.call('/products')).data.session, 1)
  next.backend.expire()
  equal([(await next.call('/products')).data.session, next.phone.counts.instantiations], [2, 0])
})

test('a core of the app that fails is tried again, and its failure says why', async () => {
  let times = 0
  const core = (path, imports) => {
    times++
    equal([path, imports], ['/miniprogram_npm/wxsession/wxsession.wasm.br', {}])
    throw new Error('no core today')
  }
  const world = await start({ options: { core } })
  const call = world.failure(world.call('/products'), 'load_failed')
  for (const attempt of [1, 2, 3]) {
    await until(() => times === attempt)
    await world.clock.pass(100)
  }
  ok(/no core today/.test((await call).cause.errMsg), 'the cause')
})
