/* The device flow of a third party, over the session. */
'use strict'

const { DEVICE, startAccount } = require('./account-backend')
const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { group } = require('./runner')
const { quiet, until } = require('./waiting')

const test = group('account by device')

/** Starts a sign-in by device, with what the third party answers. */
async function startDevice(agreements, attempt) {
  const world = await startAccount()
  world.accounts.add('li.na', 'correct horse')
  world.accounts.agreements = agreements
  const shown = []
  const page = { isLeft: false }
  const login = (step) => world.session.login(Object.assign({ method: 'oidc', issuer: 'school' }, step))
  const over = world.account.byDevice(attempt ? (step) => attempt(world, step) : login, (ask) => {
    shown.push(ask)
    return page.isLeft ? false : undefined
  })
  const asked = (times) => until(() => shown.length === times)
  return Object.assign(world, { page, shown, over, asked })
}

test('a third party is asked until its user has agreed, as often as it allows', async () => {
  const world = await startDevice([undefined, undefined, 'li.na'])
  await world.asked(1)
  equal(world.shown[0], DEVICE)
  await world.clock.pass(4999)
  await quiet(world)
  equal(world.shown.length, 1)
  await world.clock.pass(1)
  await world.asked(3)
  await world.clock.pass(5000)
  equal(await world.over, undefined)
  equal(
    world.accounts.signIns.map(({ state }) => state),
    [undefined, 'state-2', 'state-1'],
  )
  equal([world.session.state, world.accounts.owner().user], ['signed-in', 'user-1'])
})

test('a way in is linked by device too', async () => {
  const world = await startDevice([undefined, 'li.na'], (world, step) =>
    world.account.link(Object.assign({ method: 'oidc', issuer: 'school' }, step)),
  )
  await world.asked(1)
  equal(world.shown, [DEVICE])
  await world.clock.pass(5000)
  equal((await world.over).kind, 'oidc')
})

test('the third party is asked again after the program was away, and after a server was', async () => {
  const world = await startDevice([undefined, undefined, problem(503, 'accounts_unavailable'), 'li.na'])
  await world.asked(1)
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail interrupted', errno: 600003 } })
  await world.patiently(world.asked(3))
  world.phone.hooks.request = () => undefined
  await world.patiently(world.over)
  equal(world.accounts.owner().user, 'user-1')
})

test('what the third party refuses is a failure at once', async () => {
  const world = await startDevice([undefined, problem(403, 'access_denied')])
  await world.asked(1)
  const failed = world.failure(world.over, 'access_denied')
  await world.clock.pass(5000)
  await failed
})

test('a failure before the third party was asked is one at once', async () => {
  const world = await startDevice([problem(503, 'accounts_unavailable')])
  await world.failure(world.over, 'server_unavailable')
  equal(world.shown, [])
})

test('a page that is left ends the questions', async () => {
  const world = await startDevice([undefined, 'li.na'])
  await world.asked(1)
  world.page.isLeft = true
  const failed = world.failure(world.over, 'aborted')
  await world.clock.pass(5000)
  await failed
  equal([world.accounts.signIns.length, world.session.state], [1, 'signed-out'])
})

test('a network that stays away is a failure when the code is over', async () => {
  const short = Object.assign({}, DEVICE, { expires_in: 20 })
  const waiting = problem(403, 'more_needed')
  Object.assign(waiting.data, { ask: short, state: 'opaque' })
  const world = await startDevice([waiting])
  const before = world.clock.now()
  await world.asked(1)
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail', errno: 600001 } })
  await world.patiently(world.failure(world.over, 'network'))
  ok(world.clock.now() - before >= 20000, 'it was asked for 20 seconds')
})
