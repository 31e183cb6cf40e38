/* What a server says of a sign-in that it refuses reaches the app, without secrets. And what goes along with a sign-in. */
'use strict'

const { equal, ok } = require('./assert')
const { group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')

const test = group('problems')

/** Starts with a server that answers sign-ins like this. */
async function answering(answer, options) {
  const world = await start({ options: options || {} })
  world.backend.exchange = (exchange) => answer(world.backend.issue(), exchange)
  return world
}

test('the document of a refused sign-in arrives, without code and session', async () => {
  const state = 'x'.repeat(300)
  const document = {
    code: 'more_needed',
    ask: { kind: 'otp', methods: ['sms'] },
    state,
    reason: '请输入验证码',
    wait: 60,
    no: null,
  }
  const world = await answering((id) => ({
    statusCode: 403,
    data: Object.assign({ seen: 'code', token: id, access_token: 12 }, document),
  }))
  const { problem } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal(problem, Object.assign({ seen: 'code', token: '***', access_token: '***' }, document))
})

test('a refusal that repeats the login code is told without it', async () => {
  const world = await start()
  world.backend.exchange = ({ body }) => {
    const { code } = JSON.parse(body)
    return { statusCode: 400, data: { detail: `invalid code ${code}`, list: [code] } }
  }
  const { problem } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal(problem, { detail: 'invalid code ***', list: ['***'] })
})

test('a session in a refusal is not told, wherever readSession finds it', async () => {
  const readSession = ({ data }) => ({ sessionid: data.jwt })
  const world = await answering((id) => ({ statusCode: 403, data: { jwt: id, detail: `${id} is on hold` } }), {
    readSession,
  })
  const { problem } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal(problem, { jwt: '***', detail: '*** is on hold' })
})

test('a refusal in text is told, at most 999 characters of it', async () => {
  const world = await answering(() => ({ statusCode: 404, data: '<h1>Not Found</h1>'.repeat(100) }))
  const { problem } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal([problem.slice(0, 18), problem.length], ['<h1>Not Found</h1>', 999])
})

test('of an answer that should have had a session only messages arrive', async () => {
  const world = await answering((id) => ({
    data: { code: 500, msg: '登录失败', data: { jwt: id, list: [id], note: 'try again' } },
  }))
  const { message, problem } = await world.failure(world.call('/a'), 'bad_answer')
  equal(message, 'the answer has no sessionid: check loginUrl')
  equal(problem, { code: 500, msg: '登录失败', data: { jwt: '***', list: ['***'], note: 'try again' } })
})

test('a body that is no document is told as it is', async () => {
  for (const data of ['', [], 17, true, null]) {
    const world = await answering(() => ({ statusCode: 400, data }))
    ok(await world.failure(world.call('/a'), 'exchange_rejected'))
  }
})

const named = { user_blocked: 1, sign_in_needed: 1, code_invalid: 2, server_unavailable: 3 }

for (const problem of Object.keys(named)) {
  test(`readSession names the problem ${problem} of a server that always answers 200`, async () => {
    const readSession = ({ data }) => (data.code === 0 ? { sessionid: data.token } : { problem: data.why })
    const world = await answering(() => ({ data: { code: 1, msg: '稍后再试', why: problem } }), { readSession })
    const error = await world.failure(world.patiently(world.call('/a')), problem)
    equal([error.problem.msg, world.counts().exchanges], ['稍后再试', named[problem]])
  })
}

test('after a problem that passes, the session is read', async () => {
  const readSession = ({ data }) => (data.token ? { sessionid: data.token } : { problem: 'code_invalid' })
  let refusals = 1
  const world = await answering((id) => ({ data: refusals-- > 0 ? { errcode: 40163 } : { token: id } }), {
    readSession,
  })
  equal((await world.call('/a')).statusCode, 200)
  equal(world.counts(), { logins: 2, exchanges: 2, requests: 3 })
})

for (const problem of ['too_young', 40163, true]) {
  test(`readSession that names a problem ${problem}, which there is not, hears so`, async () => {
    const world = await answering(() => ({ data: {} }), { readSession: () => ({ problem }) })
    const { message } = await world.failure(world.call('/a'), 'bad_answer')
    equal(message, 'readSession: unknown problem')
  })
}

test('an unknown problem that repeats the login code does not reach the message', async () => {
  const readSession = ({ data }) => ({ problem: `no_${data.seen}` })
  const world = await start({ options: { readSession } })
  world.backend.exchange = ({ body }) => ({ data: { seen: JSON.parse(body).code } })
  const { message } = await world.failure(world.call('/a'), 'bad_answer')
  equal(message, 'readSession: unknown problem')
})

test('readSession that names no problem and no session is a bad answer', async () => {
  for (const problem of [undefined, null, '', 0, false]) {
    const world = await answering(() => ({ data: {} }), { readSession: () => ({ problem }) })
    const { message } = await world.failure(world.call('/a'), 'bad_answer')
    equal(message, 'the answer has no sessionid: check loginUrl')
  }
})

/** The header and the data of the exchanges. */
async function exchanged(options) {
  const sent = []
  const world = await start({ options: Object.assign({ hostOf: plain }, options) })
  const native = world.phone.wx.request
  world.phone.wx.request = (given) => {
    if (/onlogin/.test(given.url)) sent.push(Object.assign({}, given.header))
    return native(given)
  }
  return { sent, world }
}

test('loginHeader goes with the sign-in alone', async () => {
  const { sent, world } = await exchanged({ loginHeader: { 'X-Tenant': '1', SessionID: 'of the app' } })
  await world.call('/a')
  await world.session.login({ force: true })
  equal(
    sent.map((header) => header['X-Tenant']),
    ['1', '1'],
  )
  equal(Object.keys(sent[1]).length, 2)
  equal(Object.keys(world.phone.requests[1].header).indexOf('X-Tenant'), -1)
})

test('loginHeader may be a function of the code, beside loginData', async () => {
  const codes = []
  const { sent, world } = await exchanged({
    loginHeader: async (code) => (codes.push(code), { 'X-Signed': 'yes' }),
    loginData: (code) => (codes.push(code), { channel: 1 }),
  })
  await world.call('/a')
  equal([sent.length, sent[0]['X-Signed'], codes.length, codes[0] === codes[1]], [1, 'yes', 2, true])
})

test('a loginHeader that fails, or gives no object, fails the sign-in', async () => {
  for (const loginHeader of [
    () => 'x',
    async () => null,
    () => {
      throw new Error('no tenant')
    },
    () => Promise.reject(new Error('no tenant')),
  ]) {
    const { sent, world } = await exchanged({ loginHeader })
    const { cause } = await world.failure(world.call('/a'), 'login_data_failed')
    ok(/loginHeader|no tenant/.test(cause.errMsg), cause.errMsg)
    equal(sent, [])
  }
})

test('ready resolves when it is known who is signed in', async () => {
  const world = await start()
  equal(world.session.state, 'loading')
  await world.session.ready
  equal([world.session.state, world.counts().logins], ['signed-out', 0])
  await world.session.login()
  const next = world.restart()
  await next.session.ready
  equal(next.session.state, 'signed-in')
})
