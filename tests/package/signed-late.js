/* A phone whose clock is wrong: the server tells the time, and a call whose proof was late is sent once more. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { byHand, make, noting, said, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { live, startSigned } = require('./signing')
const { createGate, quiet, turns, until } = require('./waiting')

const test = group('late proofs')

const HOUR = 3600

/** A live session of a phone whose clock was set after the sign-in. */
async function wrong(seconds, setting) {
  const world = await live(setting)
  world.backend.proofs.ahead = seconds
  return world
}

/** What the server says of a late proof, in a header that a proxy may drop, or in the body alone. */
const late = (world) => ({ 'WWW-Authenticate': `WxSession error="proof_late", now=${world.backend.proofs.seconds()}` })

test('a phone whose clock is an hour off is told the time at the sign-in, and no call is sent twice', async () => {
  for (const seconds of [HOUR, -HOUR]) {
    const world = await startSigned({ before: (backend) => (backend.proofs.ahead = seconds) })
    equal(await world.calls(3), [200, 200, 200])
    equal(world.counts().requests, 4)
    const next = world.restart()
    equal(await next.calls(2), [200, 200])
    equal(next.counts().requests, 2)
  }
})

for (const kind of transfers) {
  test(`${kind} whose proof is late is sent once more, and the next calls are sent once`, async () => {
    for (const seconds of [HOUR, -HOUR, 121, -121]) {
      const world = await wrong(seconds)
      const heard = []
      const answer = await make(world, kind, '/a', noting(heard))
      equal([said(world, kind, answer).session, sends(world, kind, '/a').length], [1, 2], String(seconds))
      await make(world, kind, '/b')
      equal([sends(world, kind, '/b').length, heard], [1, ['success 200', 'complete 200']])
      equal(world.counts().logins, 1)
    }
  })

  test(`${kind} that is 120 seconds off is sent once`, async () => {
    for (const seconds of [120, -120]) {
      const world = await wrong(seconds)
      equal((await make(world, kind, '/a')).statusCode, 200)
      equal(sends(world, kind, '/a').length, 1)
    }
  })

  test(`${kind} that is late twice tells its caller, and signs nobody in`, async () => {
    const world = await live()
    world.backend.call = () => problem(403, 'proof_late', late(world))
    const heard = []
    await make(world, kind, '/a', noting(heard))
    equal([heard, sends(world, kind, '/a').length], [['success 403', 'complete 403'], 2])
    equal([world.counts().logins, world.session.state], [1, 'signed-in'])
  })

  test(`${kind} that is late hears of one answer's headers only`, async () => {
    for (const headersCarryStatus of [true, false]) {
      const world = await wrong(HOUR, { phone: { headersCarryStatus } })
      const statuses = []
      const task = make(world, kind, '/a')
      task.onHeadersReceived(({ header }) => {
        const name = Object.keys(header).find((name) => name.toLowerCase() === 'www-authenticate')
        statuses.push(header[name] || 'none')
      })
      await task
      equal([statuses, sends(world, kind, '/a').length], [['none'], 2])
    }
  })

  test(`${kind} that is aborted in its first send has no second`, async () => {
    const world = await live()
    const sent = byHand(world, kind)
    const heard = []
    const task = make(world, kind, '/a', noting(heard))
    task.abort()
    sent[0].options.success({ statusCode: 403, header: late(world), data: '' })
    await world.failure(task, 'aborted')
    await turns(4)
    equal([sent.length, sent[0].aborts, heard], [1, 1, ['fail aborted', 'complete aborted']])
  })

  test(`${kind} that is aborted in its second send aborts that`, async () => {
    const world = await wrong(HOUR)
    const gate = createGate()
    const heard = []
    world.backend.call = ({ header }) =>
      world.backend.proofs.seconds() - Number(/created=(\d+)/.exec(header['signature-input'])[1]) < HOUR
        ? gate.opened
        : undefined
    const task = make(world, kind, '/a', noting(heard))
    await until(() => sends(world, kind, '/a').length === 2)
    task.abort()
    await world.failure(task, 'aborted')
    await turns(4)
    equal(
      [sends(world, kind, '/a').map(({ state }) => state), heard],
      [
        ['answered', 'failed'],
        ['fail aborted', 'complete aborted'],
      ],
    )
    gate.open()
  })

  test(`${kind} whose second send fails, or throws, fails`, async () => {
    for (const isThrown of [false, true]) {
      const world = await wrong(HOUR)
      const native = world.phone.wx[kind]
      let number = 0
      world.phone.wx[kind] = (options) => {
        if (++number === 1) return native(options)
        if (isThrown) throw new Error('no more')
        return options.fail({ errMsg: 'no more' })
      }
      const heard = []
      const error = await world.failure(make(world, kind, '/a', noting(heard)), 'request_failed')
      equal([error.errMsg, heard], ['no more', ['fail request_failed', 'complete request_failed']])
    }
  })

  test(`${kind} that is late and then refused for its session is renewed once`, async () => {
    const world = await wrong(HOUR)
    world.backend.expire()
    const heard = []
    const answer = await make(world, kind, '/a', noting(heard))
    equal([said(world, kind, answer).session, world.counts().logins], [2, 2])
    equal([heard, sends(world, kind, '/a').length], [['success 200', 'complete 200'], 3])
  })

  test(`${kind} is sent once more as it was at the call`, async () => {
    const world = await live()
    const gate = createGate()
    let first = true
    const bodies = []
    world.backend.call = ({ bytes, form }) => {
      bodies.push(JSON.stringify(form ? form.fields : Array.from(bytes)))
      if (!first) return undefined
      first = false
      return gate.opened.then(() => problem(403, 'proof_late', late(world)))
    }
    const own = {
      data: kind === 'request' ? { list: [1] } : undefined,
      formData: { a: '1' },
      header: { 'X-Trace': 'a' },
      method: kind === 'request' ? 'POST' : undefined,
    }
    const task = make(world, kind, '/a', own)
    await until(() => bodies.length === 1)
    if (own.data) own.data.list.push(2)
    own.formData.a = '2'
    own.header['X-Trace'] = 'b'
    gate.open()
    equal((await task).statusCode, 200)
    equal([bodies.length, bodies[0] === bodies[1]], [2, true])
    equal(
      sends(world, kind, '/a').map(({ header }) => header['X-Trace']),
      ['a', 'a'],
    )
  })
}

test('a request whose phone calls back in the same turn is sent once more', async () => {
  const world = await wrong(HOUR, { phone: { sameTick: true } })
  const heard = []
  equal((await make(world, 'request', '/a', noting(heard))).statusCode, 200)
  equal([heard, sends(world, 'request', '/a').length], [['success 200', 'complete 200'], 2])
})

for (const kind of transfers) {
  test(`${kind} that is late in the same turn is heard and aborted where it was sent last`, async () => {
    const world = await live()
    const aborts = []
    const heard = []
    let tell
    world.phone.wx[kind] = (options) => {
      const number = aborts.push(0) - 1
      if (number === 0) options.success({ statusCode: 403, header: late(world), data: '' })
      return {
        abort() {
          aborts[number]++
        },
        onHeadersReceived(listener) {
          if (number === 1) tell = listener
        },
      }
    }
    const task = make(world, kind, '/a')
    task.onHeadersReceived(() => heard.push('headers'))
    tell({ statusCode: 200, header: {} })
    task.abort()
    await world.failure(task, 'aborted')
    equal([aborts, heard], [[0, 1], ['headers']])
  })
}

test('bytes are sent once more as they were at the call', async () => {
  const world = await live()
  const gate = createGate()
  const bodies = []
  world.backend.call = ({ bytes }) => {
    bodies.push(Array.from(bytes))
    return bodies.length === 1 ? gate.opened.then(() => problem(403, 'proof_late', late(world))) : undefined
  }
  const data = new Uint8Array([1, 2, 3, 4])
  const task = world.call('/a', { method: 'POST', data: data.subarray(1, 3) })
  await until(() => bodies.length === 1)
  data.fill(0)
  gate.open()
  equal(
    [(await task).statusCode, bodies],
    [
      200,
      [
        [2, 3],
        [2, 3],
      ],
    ],
  )
})

test('a late proof that only the body names, as text or as an object, is seen too', async () => {
  for (const options of [{}, { dataType: 'text' }]) {
    const world = await live()
    let number = 0
    world.backend.call = () => {
      if (++number > 1) return undefined
      return { statusCode: 403, data: { code: 'proof_late', now: world.backend.proofs.seconds() } }
    }
    equal([(await world.call('/a', options)).statusCode, number], [200, 2])
  }
})

/** What an app's own answer may quote: a time that is an hour off, and what a server says with it. */
async function foreign() {
  const now = (await live()).backend.proofs.seconds() + HOUR
  const problem = { code: 'proof_late', now }
  return { now, problem, text: JSON.stringify(problem), challenge: `WxSession error="proof_late", now=${now}` }
}

for (const kind of transfers) {
  test(`${kind}: another 403, and a status of another kind that speaks of late proofs, is the caller’s`, async () => {
    const { now, text, problem, challenge } = await foreign()
    for (const answer of [
      { statusCode: 403, data: { code: 'user_blocked', now } },
      { statusCode: 403, data: { code: 'proof_late' } },
      { statusCode: 403, data: { code: 'proof_late', now: String(now) } },
      { statusCode: 403, data: { code: 'proof_late', now: -now } },
      { statusCode: 403, data: { code: 'proof_late', now: 1 } },
      { statusCode: 403, data: { code: 'proof_late', now: 1e300 } },
      { statusCode: 403, data: { code: `a proof_late, now: ${now}`, now } },
      { statusCode: 403, data: { text: `hi proof_late, now: ${now}` } },
      { statusCode: 403, data: { text } },
      { statusCode: 403, data: { code: text, problem } },
      { statusCode: 403, data: [problem] },
      { statusCode: 403, data: JSON.stringify({ text, problem }) },
      { statusCode: 403, data: `no: ${text}` },
      { statusCode: 403, header: { 'X-Said': challenge }, data: '' },
      { statusCode: 403, header: { 'X-Said': `"WWW-Authenticate":"${challenge}` }, data: '' },
      { statusCode: 403, header: { 'WWW-Authenticate': `Bearer error="proof_late", now=${now}` }, data: '' },
      { statusCode: 403, header: { 'WWW-Authenticate': `Bearer realm="${challenge}` }, data: '' },
      { statusCode: 403, header: { 'WWW-Authenticate': 'WxSession error="proof_late", now=-1' }, data: '' },
      {
        statusCode: 403,
        header: { 'WWW-Authenticate': `WxSession error="forbidden", now=${now}` },
        data: text.slice(1),
      },
      { statusCode: 200, data: problem },
      { statusCode: 500, data: problem },
      { statusCode: 403, data: 'no' },
      { statusCode: 403 },
    ]) {
      const world = await live()
      const row = JSON.stringify(answer)
      world.backend.call = () => answer
      const { statusCode } = await make(world, kind, '/a')
      equal([statusCode, sends(world, kind, '/a').length], [answer.statusCode, 1], row)
      world.backend.call = () => {}
      equal((await make(world, kind, '/b')).statusCode, 200, row)
      equal(sends(world, kind, '/b').length, 1, `the clock is right after ${row}`)
    }
  })
}

test('a challenge is found however its name is spelled, and in a list', async () => {
  for (const spelled of [
    (challenge) => ({ 'www-authenticate': challenge }),
    (challenge) => ({ 'WWW-AUTHENTICATE': challenge }),
    (challenge) => ({ 'X-First': 'a', 'Www-Authenticate': [challenge] }),
  ]) {
    const world = await live()
    const sent = byHand(world, 'request')
    const task = make(world, 'request', '/a')
    sent[0].options.success({
      statusCode: 403,
      header: spelled(late(world)['WWW-Authenticate']),
      data: new ArrayBuffer(4),
    })
    equal(sent.length, 2)
    sent[1].options.success({ statusCode: 200, header: {}, data: '' })
    equal((await task).statusCode, 200)
  }
})

const chunk = (text) => ({ data: new Uint8Array(text.split('').map((character) => character.charCodeAt(0))).buffer })

/** A stream by hand, and what its caller hears. */
async function streaming() {
  const world = await live()
  const sent = byHand(world, 'request')
  const heard = []
  const task = make(world, 'request', '/a', Object.assign({ enableChunked: true }, noting(heard)))
  task.onChunkReceived(({ data }) => heard.push(String.fromCharCode.apply(null, new Uint8Array(data))))
  task.onHeadersReceived(({ statusCode }) => heard.push(statusCode || 'headers'))
  return { world, sent, heard, task }
}

test('a stream whose headers say that its proof was late is sent once more, and nothing of the first answer is heard', async () => {
  const { world, sent, heard, task } = await streaming()
  sent[0].tell('HeadersReceived', { statusCode: 403, header: late(world) })
  sent[0].tell('ChunkReceived', chunk('{"code":"proof_late"}'))
  sent[0].options.success({ statusCode: 403, data: '' })
  equal([sent.length, heard], [2, []])
  sent[1].tell('HeadersReceived', { statusCode: 200, header: {} })
  sent[1].tell('ChunkReceived', chunk('one'))
  sent[1].tell('ChunkReceived', chunk('two'))
  sent[1].options.success({ statusCode: 200, data: '' })
  await task
  equal(heard, [200, 'one', 'two', 'success 200', 'complete 200'])
})

test('a stream that has begun is never sent once more', async () => {
  const { world, sent, heard, task } = await streaming()
  sent[0].tell('ChunkReceived', chunk('one'))
  sent[0].options.success({ statusCode: 403, header: late(world), data: '' })
  equal((await task).statusCode, 403)
  equal([sent.length, heard], [1, ['one', 'success 403', 'complete 403']])
})

test('twenty calls whose proofs are late together are sent once more each, without a sign-in', async () => {
  const world = await wrong(HOUR)
  const added = await world.added(() => world.calls(20))
  ok(added.requests >= 21 && added.requests <= 40, JSON.stringify(added))
  equal(added.logins, 0)
  await quiet(world)
})
