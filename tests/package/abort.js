/* abort(), at every stage of a request. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, turns, until } = require('./waiting')

const test = group('abort')

/** A call, and everything that its callbacks heard. */
function made(world, path, options) {
  const heard = []
  const note = (name) => (value) => heard.push(`${name} ${value.code || value.statusCode}`)
  const callbacks = { success: note('success'), fail: note('fail'), complete: note('complete') }
  const task = world.call(path, Object.assign(callbacks, options))
  return { task, heard }
}

/** Aborts a call, which then fails once, in a later turn, with the message that wx would give. */
async function aborts(world, { task, heard }) {
  task.abort()
  equal(heard, [], 'heard in the same turn')
  const { errMsg } = await world.failure(task, 'aborted')
  ok(/abort/.test(errMsg), `it says so as wx does: ${errMsg}`)
  task.abort()
  await turns(4)
  equal(heard, ['fail aborted', 'complete aborted'])
}

test('before the core is loaded, wx is never called', async () => {
  const world = await start()
  const call = made(world, '/products')
  equal(world.session.state, 'loading')
  await aborts(world, call)
  equal(world.counts(), { logins: 0, exchanges: 0, requests: 0 })
})

test('before the core is loaded, other calls are left alone', async () => {
  const world = await start()
  const others = world.calls(2)
  const call = made(world, '/aborted')
  await aborts(world, call)
  equal(await others, [200, 200])
  equal(world.backend.at('/aborted'), [])
})

test('while it waits for the sign-in, the sign-in and the others are left alone', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const others = world.calls(3)
  const call = made(world, '/aborted')
  await until(() => world.backend.exchanges() === 1)
  await aborts(world, call)
  gate.open()
  equal(await others, [200, 200, 200])
  equal([world.counts(), world.backend.at('/aborted')], [{ logins: 1, exchanges: 1, requests: 4 }, []])
})

test('the only waiter may leave, and the session is there for the next call', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const { task } = made(world, '/aborted')
  await until(() => world.backend.exchanges() === 1)
  task.abort()
  gate.open()
  equal((await world.call('/products')).data.session, 1)
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 2 })
})

test('while wx has it, wx aborts it', async () => {
  const world = await (await start()).signedIn()
  world.backend.call = () => ({ hang: true })
  const call = made(world, '/products')
  await until(() => world.backend.at('/products').length === 1)
  await aborts(world, call)
  equal(world.phone.requests[1].failure, { errMsg: 'request:fail abort' })
})

test('while wx has it bare, wx aborts it', async () => {
  const world = await start()
  world.backend.call = () => ({ hang: true })
  const call = made(world, '/weather', { auth: false })
  await until(() => world.backend.at('/weather').length === 1)
  await aborts(world, call)
  equal(world.phone.requests[0].failure, { errMsg: 'request:fail abort' })
})

test('between two sends, the second is not made and the renewal serves the others', async () => {
  const world = await (await start()).signedIn()
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened
  const call = made(world, '/aborted')
  const other = world.call('/products')
  await until(() => world.backend.exchanges() === 2)
  await until(() => world.phone.requests.filter(({ state }) => state === 'answered').length === 3)
  await aborts(world, call)
  gate.open()
  equal((await other).data.session, 2)
  equal(world.backend.at('/aborted').length, 1)
})

test('while wx has the second send, wx aborts that', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  world.backend.call = () => (world.backend.ids.length === 2 ? { hang: true } : undefined)
  const call = made(world, '/products')
  await until(() => world.backend.at('/products').length === 2)
  await aborts(world, call)
  equal([world.session.state, world.phone.requests[3].failure], ['signed-in', { errMsg: 'request:fail abort' }])
})

test('after the end it does nothing', async () => {
  const world = await start()
  const call = made(world, '/products')
  const answer = await call.task
  call.task.abort()
  call.task.abort()
  await turns(3)
  equal([call.heard, (await call.task) === answer], [['success 200', 'complete 200'], true])
})

test('in its own callback it does nothing', async () => {
  const world = await (await start()).signedIn()
  let task
  const heard = []
  const options = {
    success() {
      heard.push('success')
      task.abort()
    },
    fail: () => heard.push('fail'),
    complete: () => heard.push('complete'),
  }
  task = world.call('/products', options)
  await task
  await turns(3)
  equal(heard, ['success', 'complete'])
})

test('an answer that arrives all the same is not heard', async () => {
  const world = await (await start()).signedIn()
  let answer
  world.phone.wx.request = (options) => {
    answer = options.success
    return { abort() {} }
  }
  const call = made(world, '/products')
  await aborts(world, call)
  answer({ statusCode: 401, data: '', header: {}, errMsg: 'request:ok' })
  await turns(3)
  equal(call.heard, ['fail aborted', 'complete aborted'])
  equal(world.phone.counts.logins, 1)
})

test('twenty calls of which every other is aborted leave ten answers', async () => {
  const world = await start()
  const calls = Array.from({ length: 20 }, (_, place) => made(world, `/call/${place}`))
  await until(() => world.session.state === 'signing-in')
  calls.forEach(({ task }, place) => {
    if (place % 2) task.abort()
  })
  await Promise.all(calls.map(({ task }) => task.catch(() => {})))
  equal(
    calls.map(({ heard }) => heard[0]),
    calls.map((_, place) => (place % 2 ? 'fail aborted' : 'success 200')),
  )
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 11 })
})
