/* abort() of requests, uploads and downloads, at every stage. */
'use strict'

const { equal, ok } = require('./assert')
const { make, noting, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('aborts')

const live = async () => (await start()).signedIn()

/** Aborts a call, which then fails once, in a later turn, with the message that wx would give. */
async function aborts(world, kind, task, heard) {
  task.abort()
  equal(heard, [], 'heard in the same turn')
  const { errMsg } = await world.failure(task, 'aborted')
  ok(errMsg === `${kind}:fail abort`, errMsg)
  task.abort()
  await turns(4)
  equal(heard, ['fail aborted', 'complete aborted'])
}

for (const kind of transfers) {
  test(`${kind} before the core is loaded: wx is never called`, async () => {
    const world = await start()
    const heard = []
    const task = make(world, kind, '/a', noting(heard))
    equal(world.session.state, 'loading')
    await aborts(world, kind, task, heard)
    equal([sends(world, kind, '/a'), world.phone.counts.logins], [[], 0])
  })

  test(`${kind} that waits for the sign-in: the others go on`, async () => {
    const world = await start()
    const gate = createGate()
    const heard = []
    world.backend.exchange = () => gate.opened
    const other = world.call('/b')
    const task = make(world, kind, '/a', noting(heard))
    await until(() => world.backend.exchanges() === 1)
    await aborts(world, kind, task, heard)
    gate.open()
    equal([(await other).statusCode, sends(world, kind, '/a')], [200, []])
  })

  test(`${kind} that wx has: wx aborts it`, async () => {
    const world = await live()
    const heard = []
    world.backend.call = () => ({ hang: true })
    for (const options of [{}, { auth: false }]) {
      const before = world.backend.seen.length
      const task = make(world, kind, '/a', Object.assign(noting(heard), options))
      await until(() => world.backend.seen.length > before)
      await aborts(world, kind, task, heard)
      heard.length = 0
    }
    const failure = { errMsg: `${kind}:fail abort` }
    equal(
      sends(world, kind, '/a').map((send) => send.failure),
      [failure, failure],
    )
  })

  test(`${kind} between two sends: there is no second, and the renewal serves the others`, async () => {
    const world = await live()
    const gate = createGate()
    const heard = []
    world.backend.expire()
    world.backend.exchange = () => gate.opened
    const task = make(world, kind, '/a', noting(heard))
    const other = world.call('/b')
    await until(
      () =>
        world.backend.exchanges() === 2 &&
        world.phone.requests.some(({ path, state }) => path === '/b' && state === 'answered'),
    )
    await until(() => sends(world, kind, '/a')[0].state === 'answered')
    await turns(2)
    await aborts(world, kind, task, heard)
    gate.open()
    equal([(await other).data.session, sends(world, kind, '/a').length], [2, 1])
  })

  test(`${kind} after its end, and in its own callbacks: nothing happens`, async () => {
    const world = await live()
    const heard = []
    const callbacks = noting(heard)
    let task
    const success = (answer) => {
      callbacks.success(answer)
      task.abort()
    }
    task = make(world, kind, '/a', Object.assign({}, callbacks, { success }))
    await task
    task.abort()
    await turns(4)
    equal(heard, ['success 200', 'complete 200'])
  })

  test(`${kind} that a progress or header listener aborts is over`, async () => {
    for (const event of kind === 'request' ? ['HeadersReceived'] : ['HeadersReceived', 'ProgressUpdate']) {
      const world = await live()
      const heard = []
      const task = make(world, kind, '/a', noting(heard))
      task[`on${event}`](() => task.abort())
      await world.failure(task, 'aborted')
      await turns(4)
      equal(heard, ['fail aborted', 'complete aborted'], event)
    }
  })
}
