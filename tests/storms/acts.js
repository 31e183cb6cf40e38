/* What the user, the app, wx and the server may do, for fast-check to choose from and to shrink. */
'use strict'

const fc = require('fast-check')
const { MOODS } = require('./server')

const KINDS = ['request', 'uploadFile', 'downloadFile', 'connectSocket']

/** What the app does in a callback or a listener. */
const reaction = fc.constantFrom('nothing', 'nothing', 'nothing', 'call', 'login', 'logout', 'abort', 'throw')
const place = fc.nat(30)
const moods = fc.array(fc.constantFrom(...MOODS), { minLength: 1, maxLength: 4 })
const twist = fc.constantFrom(
  { sameTick: true },
  { late: 700 },
  { late: 12000 },
  { delay: 900 },
  { times: 2 },
  { times: 3, late: 300 },
  { fail: undefined },
  { repeats: true },
  { fail: { errMsg: 'fail timeout', errno: 5 } },
  { fail: { errMsg: 'fail interrupted', errno: 600003 } },
)

const call = fc.record({
  act: fc.constant('call'),
  kind: fc.constantFrom('request', 'request', 'request', ...KINDS),
  to: fc.constantFrom('own', 'own', 'own', 'path', 'foreign'),
  auth: fc.constantFrom(true, true, true, true, false, 'optional'),
  hears: fc.constantFrom('callbacks', 'promise', 'both'),
  then: reaction,
})

/** @param {string} name @param {object} [more] */
const act = (name, more) => fc.record(Object.assign({ act: fc.constant(name) }, more))

const acts = fc.oneof(
  { weight: 10, arbitrary: call },
  {
    weight: 10,
    arbitrary: act('pass', { milliseconds: fc.constantFrom(0, 0, 0, 0, 1, 300, 1000, 1500, 6000, 25000, 90000) }),
  },
  { weight: 2, arbitrary: act('login', { isForced: fc.boolean() }) },
  { weight: 2, arbitrary: act('attempt') },
  { weight: 1, arbitrary: act('logout') },
  { weight: 3, arbitrary: act('abort', { place }) },
  { weight: 1, arbitrary: act('listen', { then: reaction }) },
  {
    weight: 3,
    arbitrary: act('end', {
      reason: fc.constantFrom('session_expired', 'session_expired', 'session_replaced', 'session_revoked'),
    }),
  },
  {
    weight: 4,
    arbitrary: act('answer', { of: fc.constantFrom('exchange', 'exchange', 'call', 'call', 'logout'), moods }),
  },
  { weight: 4, arbitrary: act('twist', { of: fc.constantFrom('login', 'exchange', ...KINDS), twist }) },
  { weight: 1, arbitrary: act('mute', { of: fc.constantFrom('login', 'exchange') }) },
  { weight: 1, arbitrary: act('line', { isCut: fc.boolean() }) },
  { weight: 1, arbitrary: act('storage', { isBroken: fc.boolean() }) },
  { weight: 1, arbitrary: act('jump', { milliseconds: fc.constantFrom(-700000000, -60000, 60000, 700000000) }) },
  {
    weight: 1,
    arbitrary: act('background', { milliseconds: fc.constantFrom(2000, 20000, 3600000), isInterrupted: fc.boolean() }),
  },
  { weight: 1, arbitrary: act('changeNetwork') },
  { weight: 1, arbitrary: act('restart', { failures: fc.constantFrom(0, 0, 0, 1, 3, 7) }) },
)

/** How the session is set up, and which phone it is on. */
const settings = fc.record({
  options: fc.record({
    sessionPlace: fc.constantFrom('header', 'header', 'query', 'body'),
    sessionName: fc.constantFrom('sessionid', 'sessionid', 'Authorization'),
    loginMethod: fc.constantFrom('POST', 'GET'),
    signIn: fc.constantFrom('silent', 'silent', 'manual'),
  }),
  isTraced: fc.boolean(),
  isSigned: fc.boolean(),
  sameTick: fc.boolean(),
  promise: fc.constantFrom(undefined, 'setTimeout'),
})

module.exports = { programs: fc.array(acts, { minLength: 1, maxLength: 60, size: 'max' }), settings }
