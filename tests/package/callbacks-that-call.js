/* Apps that call the session from its own callbacks, and that reuse their objects while calls wait. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { turns, until } = require('./waiting')

const test = group('callbacks that call')

test('options are taken as they are at the call, whatever becomes of them while it waits', async () => {
  const world = await start()
  const answered = []
  const options = { url: `${world.url}/search`, method: 'POST', data: { page: 1 }, header: { from: 'first' } }
  options.success = () => answered.push('first')
  const first = world.session.request(options)
  Object.assign(options, { data: { page: 2 }, success: () => answered.push('second') })
  options.header.from = 'second'
  await Promise.all([first, world.session.request(options)])
  equal(answered.sort(), ['first', 'second'])
  const sent = world.backend.at('/search').map(({ body, header }) => [JSON.parse(body).page, header.from])
  equal(sent.sort(), [
    [1, 'first'],
    [2, 'second'],
  ])
})

test('an options object that throws when it is read throws at its caller and disturbs nobody else', async () => {
  const world = await start()
  const hostile = Object.defineProperty({ url: `${world.url}/a` }, 'data', {
    enumerable: true,
    get() {
      throw new Error('of the app')
    },
  })
  let thrown
  const other = world.call('/products')
  try {
    world.session.request(hostile)
  } catch (error) {
    thrown = error
  }
  equal([thrown && thrown.message, (await other).statusCode], ['of the app', 200])
  equal(await world.calls(2), [200, 200])
})

test('calls that a listener makes when the core is loaded come after those that were held', async () => {
  const world = await start()
  world.session.onChange((state) => {
    if (state === 'signed-out') world.call('/listener')
  })
  await Promise.all([world.call('/held/1'), world.call('/held/2')])
  await until(() => world.backend.at('/listener').length === 1)
  const sent = world.phone.requests.map(({ path }) => path).filter((path) => path !== '/wx/onlogin')
  equal(sent, ['/held/1', '/held/2', '/listener'])
})

test('a sign-out in a callback resolves when the server has been asked', async () => {
  const world = await start()
  const events = []
  world.backend.logout = () => {
    events.push('asked')
  }
  let left
  world.session.onChange((state) => {
    if (state === 'signed-in') left = world.session.logout().then(() => events.push('resolved'))
  })
  const error = await world.failure(world.call('/products'), 'signed_out')
  equal(error.cause, undefined, 'it has nothing to do with the last sign-in')
  await left
  equal(events, ['asked', 'resolved'])
})

test('the cause of a failed sign-in is told, in the same turn too, with its errMsg and errno', async () => {
  for (const sameTick of [false, true]) {
    const world = await start({ phone: { sameTick } })
    world.phone.hooks.login = () => ({ sameTick, fail: { errMsg: 'login:fail of wx', errno: 7 } })
    await until(() => world.session.state !== 'loading')
    const { errMsg, errno, cause } = await world.failure(world.call('/products'), 'login_failed')
    equal([errMsg, errno, cause.errMsg, cause.errno], ['login:fail of wx', 7, 'login:fail of wx', 7])
  }
})

test("wx's own timeout of an exchange is a timeout", async () => {
  const world = await start()
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail timeout', errno: 5 } })
  const error = await world.patiently(world.failure(world.call('/products'), 'exchange_timeout'))
  equal([error.errMsg, error.errno], ['request:fail timeout', 5])
})

test('a sign-out during a renewal that the clock began ends the session on the server', async () => {
  const world = await (await start()).signedIn()
  world.phone.hooks.login = () => ({ times: 0 })
  await world.clock.pass(8 * 24 * 3600 * 1000)
  const call = world.failure(world.call('/products'), 'signed_out')
  await turns(3)
  await world.session.logout()
  await call
  equal(
    world.backend.at('/wx/logout').map(({ header }) => header.sessionid),
    world.backend.ids,
  )
})

test('a function that listens twice is told twice, and stops once for each time', async () => {
  const world = await start()
  const told = []
  const listener = (state) => told.push(state)
  const off = world.session.onChange(listener)
  world.session.onChange(listener)
  off()
  off()
  await world.session.login()
  equal(told, ['signed-out', 'signing-in', 'signed-in'])
})

test('an instance without exports is a failed load', async () => {
  const world = await start({
    before: (backend, { WXWebAssembly }) => {
      WXWebAssembly.instantiate = () => Promise.resolve({ instance: {} })
    },
  })
  const call = world.failure(world.call('/products'), 'load_failed')
  let isOver = false
  call.then(() => {
    isOver = true
  })
  while (!isOver) {
    await turns(3)
    await world.clock.pass(100)
  }
  ok((await call).message.indexOf('wasmPath') > 0, 'it says what to do')
})

test('a module that does not fit the script is a failed load', async () => {
  const world = await start({
    before: (backend, { WXWebAssembly }) => {
      WXWebAssembly.instantiate = () => Promise.resolve({ instance: { exports: {} } })
    },
  })
  await Promise.all([world.call('/products'), world.session.login()].map((call) => world.failure(call, 'load_failed')))
  await world.failure(world.call('/products'), 'load_failed')
})

test('a native abort that throws aborts the call all the same', async () => {
  const world = await (await start()).signedIn()
  world.phone.wx.request = () => ({
    abort() {
      throw new Error('abort is broken')
    },
  })
  const task = world.call('/products')
  task.abort()
  await world.failure(task, 'aborted')
  const [error] = await world.thrownOn(1)
  equal(error.message, 'abort is broken')
})
