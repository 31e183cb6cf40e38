/* The module, and the plain script that is made from it: whatever they are called with, they answer alike. */
'use strict'

const { equal } = require('./assert')
const { both, drain } = require('./cores')
const { exportNames, scriptInstance } = require('./modules')
const { group } = require('./runner')

const test = group('module and script')

const NOW = 1700000000000

/** Steps, tickets, numbers of sessions and codes are small; the rest are statuses, replies and what nobody should pass. */
const NUMBERS = [0, 1, 1, 2, 2, 3, 4, 5, 7, 8, 13, 17, 20, 24, 255, 256, 200, 204, 401, 429, 500, 503]
/** The errands whose first argument is a step: to sleep, to ask for a code, to prepare and to post. */
const WITH_STEP = [3, 4, 5, 6]
const STATUSES = [200, 200, 200, 400, 401, 403, 404, 429, 500, 503, 65536, 65537, 65538]
const ODD = [65536, 65537, 65538, -1, 2 ** 31, -(2 ** 31), 2 ** 32 + 1, 1.5, NaN]
/** Milliseconds around every limit, and what is none. */
const TIMES = [0, 1, 999, 1000, 5000, 20000, 60000, 60001, 3600000, 7200000, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]
const NO_TIMES = [NaN, -1, -Infinity, Infinity, 1e300, 2 ** 53, 2 ** 63, 2 ** 64, 0.4, 1e-300]

/** The same numbers from 0 to 1 in every run. */
function chance(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const EVENTS = {
  want: 'nw',
  refused: 'ngnp',
  refused_one_shot: 'gp',
  leave: '',
  coded: 'sn',
  prepared: 'sb',
  answered: 'sanrpt',
  elapsed: 's',
  admit: '',
  generation: '',
  id: '',
}

const NAMES = Object.keys(EVENTS).concat('answered', 'answered', 'coded', 'prepared', 'elapsed', 'elapsed', 'want')

test('they answer alike in random programs, with numbers that nobody should pass', async () => {
  const random = chance(20261130)
  const one = (list) => list[Math.floor(random() * list.length)]
  let core
  /** The steps in progress, and maybe some that are over. */
  let steps = []
  const kinds = {
    n: () => one(random() < 0.95 ? NUMBERS : ODD),
    t: () => one(random() < 0.8 ? TIMES : NO_TIMES),
    r: () => kinds.t(),
    b: () => random() < 0.9,
    w: () => Math.floor(random() * 6),
    s: () => (random() < 0.95 && steps.length > 0 ? one(steps) : kinds.n()),
    g: () => (random() < 0.9 ? core.generation() : kinds.n()),
    a: () => one(random() < 0.9 ? STATUSES : NUMBERS),
    p: () => (random() < 0.5 ? -1 : Math.floor(random() * 40)),
  }
  const made = (kind) => kinds[kind]()
  let errands = 0
  const take = () => {
    const taken = drain(core)
    errands += taken.length
    steps = steps.concat(taken.filter(([kind]) => WITH_STEP.indexOf(kind) >= 0).map(([, step]) => step)).slice(-2)
  }
  for (let program = 0; program < 600; program++) {
    core = await both()
    steps = []
    let now = NOW
    core.at(now, random())
    core.start(
      5000,
      5000,
      10000,
      one([0, 1]),
      one([0, NOW, NOW - 1000, NaN]),
      made('t'),
      made('n'),
      made('b'),
      random() < 0.1,
    )
    take()
    for (let turn = 0; turn < 100; turn++) {
      now = random() < 0.01 ? one(NO_TIMES) : now + one([0, 0, 0, 1, 500, 1000, 60000, 3600000])
      core.at(now, random())
      if (!(now > NOW && now < 2 ** 52)) now = NOW
      const name = one(NAMES)
      core[name](...EVENTS[name].split('').map(made))
      take()
    }
  }
  equal(errands > 20000, true, `${errands} errands`)
})

test('they trap alike', async () => {
  const core = await both()
  let error
  try {
    core.argument(3)
  } catch (given) {
    error = given
  }
  equal(error.message, 'both have trapped')
})

test('they answer alike as lists outgrow their memory, more than once', async () => {
  const core = await both()
  core.at(NOW, 0.5)
  core.start(5000, 5000, 10000, 0, 0, 0, 0, true, false)
  drain(core)
  for (let ticket = 1; ticket <= 60000; ticket++) core.want(ticket, 0)
  drain(core)
  core.leave()
  equal(drain(core).length >= 60000, true, 'each ticket is settled')
})

test('the memory of the script stays as it is, however many calls there are', async () => {
  let bytes = 0
  /** @param {number} length */
  function Buffer(length) {
    bytes = length
    return new ArrayBuffer(length)
  }
  const script = scriptInstance(Buffer)
  const names = exportNames()
  const call = (name, ...given) => script[names[name]](...given)
  const calls = (number) => {
    for (let ticket = 1; ticket <= number; ticket++) {
      call('at', NOW + ticket, 0.5)
      call('want', ticket, 0)
      while (call('next') >= 0);
    }
  }
  call('at', NOW, 0.5)
  call('start', 5000, 5000, 10000, 1, NOW, 0, 0, true, false)
  calls(10)
  const before = bytes
  calls(50000)
  equal([bytes, before < 1e6], [before, true])
})
