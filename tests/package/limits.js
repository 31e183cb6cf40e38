/* The limits of time and status, each to the millisecond: in the module and in the plain script they are the same. */
'use strict'

const { equal } = require('./assert')
const { both, drain } = require('./cores')
const { group } = require('./runner')

const test = group('limits')

const NOW = 1700000000000
const FOREVER = 0

/** What a caller wants, by its number in src/numbers.rs. */
const [CALL, LOGIN, NEW_LOGIN] = [0, 3, 4]
/** An errand, by its number there. */
const [KEEP, ASK_CODE, SETTLE] = [0, 4, 8]
const PAUSED = 9
/** In place of a status: no answer. */
const UNREACHABLE = 65536

/** A core without a session. Random numbers are 0. */
async function signedOut() {
  const core = await both()
  core.at(NOW, 0)
  core.start(5000, 5000, 10000, 0, 0, 0, 0, true, false)
  drain(core)
  return core
}

/** Begins a sign-in, and returns the step of its post. */
function posted(core, want) {
  core.want(1, want)
  const [, asked] = drain(core).find(([kind]) => kind === ASK_CODE)
  core.coded(asked, 1)
  drain(core)
  core.prepared(asked + 1, true)
  drain(core)
  return asked + 2
}

/** Signs in with the session of this number. */
function signIn(core, number) {
  core.answered(posted(core, NEW_LOGIN), 200, number, FOREVER, -1, NaN)
  equal(drain(core)[0], [KEEP, number, 0, 0])
}

/** How long no call may sign in. */
function pause(core) {
  core.want(2, CALL)
  const [[kind, , outcome, left]] = drain(core).slice(-1)
  return kind === SETTLE && outcome === PAUSED ? left : 0
}

test('a refused sign-in pauses calls for a second, then for twice as long each time, up to a minute', async () => {
  const core = await signedOut()
  const pauses = []
  for (let time = 0; time < 8; time++) {
    core.answered(posted(core, LOGIN), 403, 0, 0, -1, NaN)
    drain(core)
    pauses.push(pause(core))
    // A failure within the pause would not double it.
    core.at(NOW + 100000 * (time + 1), 0)
  }
  equal(pauses, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000])
})

test('a pause that the server names lasts an hour at most, and ends to the millisecond', async () => {
  for (const [named, lasts] of [
    [1001, 1001],
    [3599999, 3599999],
    [3600000, 3600000],
    [3600001, 3600000],
    [7200000, 3600000],
  ]) {
    const core = await signedOut()
    core.answered(posted(core, LOGIN), 403, 0, 0, -1, named)
    drain(core)
    equal(pause(core), lasts)
    core.at(NOW + lasts - 1, 0)
    equal(pause(core), 1)
    core.at(NOW + lasts, 0)
    equal(pause(core), 0)
  }
})

test('a pause lasts an hour at most where the clock has jumped back, too', async () => {
  const core = await signedOut()
  core.answered(posted(core, LOGIN), 403, 0, 0, -1, 7200000)
  drain(core)
  core.at(NOW - 1, 0)
  core.answered(posted(core, LOGIN), 403, 0, 0, -1, 7200000)
  drain(core)
  equal(pause(core), 3600000)
})

test('a pause after no answer lasts a second', async () => {
  const core = await signedOut()
  const step = posted(core, LOGIN)
  core.at(NOW + 20000, 0)
  core.answered(step, UNREACHABLE, 0, 0, -1, NaN)
  drain(core)
  equal(pause(core), 1000)
})

/** Whether a post is followed by another, if the first ends so late and the server names so long a wait. */
async function isPostedAgain(late, named) {
  const core = await signedOut()
  const step = posted(core, CALL)
  core.at(NOW + late, 0)
  core.answered(step, named ? 429 : UNREACHABLE, 0, 0, -1, named || NaN)
  return drain(core).every(([kind]) => kind !== SETTLE)
}

test('no post follows later than twenty seconds after the first', async () => {
  const found = []
  for (const late of [19499, 19500, 19501]) found.push(await isPostedAgain(late, 0))
  for (const named of [19999, 20000, 20001, 20002]) found.push(await isPostedAgain(0, named))
  equal(found, [true, true, false, true, true, false, false])
})

/** Whether an endpoint's second refusal, so long after the pause that its first one led to, leads to a longer pause. */
async function isDoubled(later) {
  const core = await signedOut()
  signIn(core, 1)
  core.refused(3, core.generation(), 2, -1)
  core.at(NOW + 1000 + later, 0)
  core.refused(4, core.generation(), 2, -1)
  drain(core)
  core.at(NOW + 1000 + later + 1000, 0)
  core.refused(5, core.generation(), 1, -1)
  return drain(core).every(([kind]) => kind !== ASK_CODE)
}

test('refusals by an endpoint are forgotten a minute after their pause', async () => {
  const found = []
  for (const later of [59999, 60000, 60001]) found.push(await isDoubled(later))
  equal(found, [true, true, false])
})

/** Whether the refusal of a stream renews the session, so long after an earlier one has had it renewed. */
async function isRenewed(later) {
  const core = await signedOut()
  signIn(core, 1)
  core.refused_one_shot(core.generation(), -1)
  const [, asked] = drain(core).find(([kind]) => kind === ASK_CODE)
  core.coded(asked, 1)
  drain(core)
  core.prepared(asked + 1, true)
  drain(core)
  core.answered(asked + 2, 200, 2, FOREVER, -1, NaN)
  drain(core)
  core.at(NOW + later, 0)
  core.refused_one_shot(core.generation(), -1)
  return drain(core).some(([kind]) => kind === ASK_CODE)
}

test('a session that a stream has had renewed is on trial for a minute', async () => {
  const found = []
  for (const later of [59999, 60000]) found.push(await isRenewed(later))
  equal(found, [false, true])
})

/** What the first answer with this status leads to: the code of the failure, or nothing if the post is sent again. */
async function failure(status) {
  const core = await signedOut()
  core.answered(posted(core, LOGIN), status, 0, 0, -1, NaN)
  const settled = drain(core).filter(([kind]) => kind === SETTLE)
  return settled.length > 0 ? settled[0][2] : undefined
}

test('a status is judged by where its range begins and ends', async () => {
  const [REJECTED, BAD_ANSWER, LATER] = [22, 23, undefined]
  for (const [status, code] of [
    [199, REJECTED],
    [200, BAD_ANSWER],
    [299, BAD_ANSWER],
    [300, REJECTED],
    [428, REJECTED],
    [429, LATER],
    [430, REJECTED],
    [499, REJECTED],
    [500, LATER],
    [599, LATER],
    [600, REJECTED],
  ]) {
    equal([status, await failure(status)], [status, code])
  }
})

test('a session comes with a status from 200 to 299 alone', async () => {
  for (const [status, isTaken] of [
    [199, false],
    [200, true],
    [299, true],
    [300, false],
  ]) {
    const core = await signedOut()
    core.answered(posted(core, LOGIN), status, 1, FOREVER, -1, NaN)
    drain(core)
    equal([status, core.id()], [status, isTaken ? 1 : 0])
  }
})

test('of all numbers three are endings that outlast a restart', async () => {
  const outcomes = []
  for (const ended of [5, 6, 7, 8, 9]) {
    const core = await both()
    core.at(NOW, 0)
    core.start(5000, 5000, 10000, 0, 0, 0, ended, true, false)
    drain(core)
    core.want(1, CALL)
    const settled = drain(core).filter(([kind]) => kind === SETTLE)
    outcomes.push(settled.length > 0 && settled[0][2])
  }
  equal(outcomes, [false, 6, 7, 8, false])
})
