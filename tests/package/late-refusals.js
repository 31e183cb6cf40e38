/* Refusals of an older session, which do not affect the newer one. */
'use strict'

const { equal } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, until } = require('./waiting')

const test = group('late refusals')

/**
 * A call that was sent with the first session. Its answer is held until the app has a second session.
 * @returns {Promise<{world: Awaited<ReturnType<typeof start>>, late: Promise<any>, arrive(answer?: object): void}>}
 */
async function withLateAnswer() {
  const world = await (await start()).signedIn()
  const gate = createGate()
  let answer
  world.backend.call = ({ path, header }) =>
    path === '/late' && header.sessionid === world.backend.ids[0] ? gate.opened.then(() => answer) : undefined
  const late = world.call('/late')
  await until(() => world.backend.at('/late').length === 1)
  await world.session.login({ force: true })
  const arrive = (given) => {
    answer = given
    gate.open()
  }
  return { world, late, arrive }
}

test('a late refusal goes again with the newer session, and makes no sign-in', async () => {
  const { world, late, arrive } = await withLateAnswer()
  const added = await world.added(async () => {
    arrive()
    equal((await late).data.session, 2)
  })
  equal(added, { logins: 0, exchanges: 0, requests: 1 })
})

test('a late refusal discards neither the newer session nor what storage keeps of it', async () => {
  const { world, late, arrive } = await withLateAnswer()
  arrive()
  await late
  equal((await world.call('/products')).data.session, 2)
  const next = world.restart()
  equal((await next.call('/products')).data.session, 2)
  equal(next.phone.counts.logins, 0)
})

test('a late refusal goes again even in a pause, for that costs no sign-in', async () => {
  const { world, late, arrive } = await withLateAnswer()
  world.backend.exchange = () => ({ statusCode: 400 })
  await world.failure(world.session.login({ force: true }), 'exchange_rejected')
  arrive()
  equal((await late).data.session, 2)
})

test('a late refusal while the newer session is renewed waits for that renewal', async () => {
  const { world, late, arrive } = await withLateAnswer()
  const gate = createGate()
  world.backend.expire()
  world.backend.exchange = () => gate.opened
  const added = await world.added(async () => {
    const call = world.call('/products')
    await until(() => world.backend.exchanges() === 3)
    arrive()
    await until(() => world.phone.requests.some(({ path, state }) => path === '/late' && state === 'answered'))
    gate.open()
    equal([(await call).data.session, (await late).data.session], [3, 3])
  })
  equal(added, { logins: 1, exchanges: 1, requests: 4 })
})

for (const code of ['session_replaced', 'session_revoked']) {
  test(`a late ${code} of the older session does not end the newer one`, async () => {
    const { world, late, arrive } = await withLateAnswer()
    arrive(problem(401, code))
    equal((await late).data.session, 2)
    equal(world.session.state, 'signed-in')
  })
}

test('a late success reaches its caller as it is', async () => {
  const { world, late, arrive } = await withLateAnswer()
  arrive({ data: 'in time' })
  equal((await late).data, 'in time')
  equal(world.session.state, 'signed-in')
})

test('refusals of three generations of sessions lose no call and no session', async () => {
  const world = await (await start()).signedIn()
  const gates = []
  world.backend.call = ({ path }) => {
    if (path !== '/held') return undefined
    gates.push(createGate())
    return gates[gates.length - 1].opened
  }
  const held = []
  for (let generation = 1; generation <= 3; generation++) {
    held.push(world.call('/held'))
    await until(() => gates.length === generation)
    world.backend.expire()
    equal((await world.call('/products')).data.session, generation + 1)
  }
  const added = await world.added(async () => {
    world.backend.call = () => {}
    for (const gate of gates.slice().reverse()) gate.open()
    equal(
      (await Promise.all(held)).map(({ data }) => data.session),
      [4, 4, 4],
    )
  })
  equal(added, { logins: 0, exchanges: 0, requests: 3 })
})
