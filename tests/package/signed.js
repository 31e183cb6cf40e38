/* A session whose host signs its requests: with what, and what becomes of the key. */
'use strict'

const { cases: vectors, created, key: KEY, token: TOKEN } = require('../../protocol/src/proof/vectors.json')
const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { kinds, make, sends } = require('./kinds')
const { leaked } = require('./leaks')
const { group } = require('./runner')
const { live, plain, signing, startSigned } = require('./signing')
const { until } = require('./waiting')

const test = group('signed')

const isSigned = ({ header }) => 'Signature' in header && 'Signature-Input' in header

test('the vectors of the protocol are what the phone sends', async () => {
  const world = await startSigned()
  const requests = vectors.filter(({ base }) => base)
  // A nonce is the time of the program's start, or one more than the last.
  const time = parseInt(requests[0].nonce, 36)
  world.clock.jump(time - world.clock.now())
  const ahead = created * 1000 - time
  world.phone.shelf.set(
    'wxsession',
    JSON.stringify({
      version: -1,
      loginUrl: world.options.loginUrl,
      id: TOKEN,
      received: 0,
      lifetime: 0,
      key: KEY,
      ahead,
    }),
  )
  const next = world.restart()
  for (const kind of kinds) next.phone.hooks[kind] = () => ({ answer: {} })
  for (const { body, method, name, target } of requests) {
    const kind = /^upload/.test(name) ? 'uploadFile' : /^socket/.test(name) ? 'connectSocket' : 'request'
    make(next, kind, target, { method, data: body })
  }
  const sent = [].concat(next.phone.requests, next.phone.uploads, next.phone.sockets)
  equal(
    sent.map(({ header }) => [header['Signature-Input'], header.Signature, header['Content-Digest']]),
    requests.map((row) => [row.signature_input, row.signature, row.content_digest]),
  )
})

test('calls of every kind prove the key, and the server finds the proofs genuine', async () => {
  const world = await live()
  const { statusCode } = await world.call('/a?b=1', { method: 'POST', data: { a: 1 } })
  equal(statusCode, 200)
  for (const kind of ['request', 'uploadFile', 'downloadFile']) {
    equal((await make(world, kind, `/${kind}?a=b`)).statusCode, 200)
  }
  make(world, 'connectSocket', '/live?room=7')
  await until(() => world.backend.sockets.length === 1)
  for (const kind of kinds)
    ok(sends(world, kind, kind === 'connectSocket' ? '/live' : `/${kind}`).every(isSigned), kind)
})

test('a sign-in asks for a key, a renewal presents its session with a proof, and a sign-out has one', async () => {
  const world = await live()
  world.backend.expire()
  equal((await world.call('/a')).data.session, 2)
  await world.session.logout()
  const exchanges = world.backend.at('/wx/onlogin')
  equal(
    exchanges.map(({ body, header }) => [JSON.parse(body).proof, header.sessionid, Boolean(header.signature)]),
    [
      ['hmac-sha256', undefined, false],
      ['hmac-sha256', world.backend.ids[0], true],
    ],
  )
  equal([world.backend.isLive(world.backend.ids[1]), world.session.state], [false, 'signed-out'])
})

test('twenty calls without a session make one sign-in, and each goes with a proof of its own', async () => {
  const world = await startSigned()
  equal(
    await world.calls(20),
    Array.from({ length: 20 }, () => 200),
  )
  equal(world.counts(), { logins: 1, exchanges: 1, requests: 21 })
  const nonces = world.backend.seen.slice(1).map(({ header }) => header['signature-input'])
  equal(new Set(nonces).size, 20)
})

test('a server that gives no key gets what it would get without this', async () => {
  const world = await startSigned()
  world.backend.exchange = () => ({ data: { sessionid: world.backend.issue() } })
  await world.call('/a', { method: 'POST', data: { a: 1 } })
  const [{ header }] = world.backend.at('/a')
  equal([header.signature, header['content-digest'], header.sessionid], [undefined, undefined, world.backend.ids[0]])
  equal(JSON.parse(world.phone.shelf.get('wxsession')).version, 1)
})

test('a call without the session, and one to another origin, goes as the app made it', async () => {
  const world = await live()
  world.phone.hooks.request = ({ url }) => (/evil/.test(url) ? { answer: {} } : undefined)
  const given = []
  const { request } = world.phone.wx
  world.phone.wx.request = (options) => {
    given.push(options)
    return request(options)
  }
  const data = { a: '商品' }
  await world.call('/商品', { auth: false, method: 'POST', data, header: { Signature: 'of the app' } })
  await world.session.request({ url: 'https://evil.example/商品?a=b c', data })
  equal(
    given.map(({ url, data, header }) => [url.replace(world.url, ''), data, header]),
    [
      ['/商品', data, { Signature: 'of the app' }],
      ['https://evil.example/商品?a=b c', data, undefined],
    ],
  )
})

test('a call that goes again without the session leaves its proof behind', async () => {
  const world = await live()
  world.backend.expire()
  world.backend.exchange = () => ({ statusCode: 403 })
  await world.call('/a', { auth: 'optional', method: 'POST', data: { a: 1 } })
  equal(
    sends(world, 'request', '/a').map(({ header }) => [isSigned({ header }), 'Content-Digest' in header]),
    [
      [true, true],
      [false, false],
    ],
  )
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const bytes = new Uint8Array([0, 255, 128, 10, 13])

/** What an app may send. The server compares path, query and body with what is signed of them. */
const SENT = {
  'an object in the query': { data: { q: '茶 a&b', page: 2, list: [1], none: null, 'ä=': "it's" } },
  'a text in the query': { data: 'q=a b&c=茶' },
  'a query and an object': { url: '/a?b=1', data: { c: 2 } },
  'an empty query': { url: '/a?' },
  'a fragment': { url: '/a?b=1#c?d', data: { e: '#' } },
  'nothing in the query': { data: {} },
  'a HEAD': { method: 'HEAD', data: { a: 1 } },
  'a lower-case method': { method: 'post', data: { a: 1 } },
  'characters that phones escape': { url: `/茶/a b|"<>^\`{}[]'%41%e8?q=茶 [1]'|😀&r=%2520` },
  'half a character': { method: 'POST', data: 'a\ud83d b \ude00' },
  JSON: { method: 'POST', data: { name: '商品', list: [1, { a: null }], when: new Date(0) } },
  'a list': { method: 'PUT', data: [1, '茶'] },
  'a number': { method: 'POST', data: 5 },
  'a form': { method: 'POST', data: { a: 'b c', d: '&=', e: { f: 1 }, 茶: '茶' }, header: FORM },
  'a text that is a form': { method: 'POST', data: 'a=b+c', header: { 'Content-Type': FORM['content-type'] } },
  'a text': { method: 'POST', data: '茶 \u0000 \ud83d\ude00' },
  'an empty text': { method: 'POST', data: '' },
  bytes: { method: 'POST', data: bytes.buffer },
  'a part of bytes': { method: 'POST', data: bytes.subarray(1, 3) },
  'bytes where there is no body': { data: bytes.subarray(1, 3) },
  'no bytes': { method: 'POST', data: new ArrayBuffer(0) },
  'a body of many blocks': { method: 'POST', data: '茶'.repeat(3000) },
  'no body': { method: 'POST' },
  'a body that is null': { method: 'PUT', data: null },
  'a DELETE with a body': { method: 'DELETE', data: { id: 1 } },
  'a DELETE without one': { method: 'DELETE' },
}
for (let length = 54; length < 66; length++) {
  SENT[`a text of ${length} bytes`] = { method: 'POST', data: 'x'.repeat(length) }
}

for (const what of Object.keys(SENT)) {
  test(`${what} arrives as it was signed, and as it would arrive unsigned`, async () => {
    const [world, plain] = [await live(), await startSigned()]
    plain.backend.exchange = () => ({ data: { sessionid: plain.backend.issue() } })
    for (const { backend, session } of [world, plain]) {
      backend.call = ({ method }) => (method === 'HEAD' ? { statusCode: 200 } : undefined)
      const options = Object.assign({ url: '/a' }, SENT[what])
      const { statusCode, data } = await session.request(options)
      equal([statusCode, Object(data).code], [200, undefined])
    }
    const [signed, unsigned] = [world, plain].map(({ backend }) => backend.seen[backend.seen.length - 1])
    equal(
      [signed, unsigned].map(({ header }) => Boolean(header.signature)),
      [true, false],
    )
    // Phones escape more or less, and it means the same.
    for (const request of [signed, unsigned]) {
      request.path = unescape(request.path.replace(/[^\0-\x7f]+/g, encodeURIComponent))
    }
    for (const name of ['method', 'path', 'query', 'body']) equal(signed[name], unsigned[name], name)
    equal(
      [Array.from(signed.bytes), signed.header['content-type']],
      [Array.from(unsigned.bytes), unsigned.header['content-type']],
    )
  })
}

test('the digest of a body goes with POST and PUT alone, and not with a file', async () => {
  const world = await live()
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT']) {
    await world.call('/a', { method, data: { a: 1 } })
  }
  await world.call('/a', { method: 'POST' })
  await make(world, 'uploadFile', '/a', { formData: { a: 1 }, data: { a: 1 } })
  await make(world, 'downloadFile', '/a', { data: { a: 1 } })
  equal(
    world.backend.at('/a').map(({ header, method }) => [method, 'content-digest' in header]),
    [
      ['GET', false],
      ['HEAD', false],
      ['DELETE', false],
      ['OPTIONS', false],
      ['POST', true],
      ['PUT', true],
      ['POST', false],
      ['POST', false],
      ['GET', false],
    ],
  )
})

for (const code of ['proof_missing', 'proof_invalid', 'proof_replayed']) {
  test(`twenty calls that are refused with ${code} tell their callers, and nobody signs in`, async () => {
    const world = await live()
    world.backend.call = () => problem(403, code)
    const added = await world.added(async () => {
      const made = Array.from({ length: 20 }, (_, place) => world.call(`/${place}`))
      for (const { statusCode, data } of await Promise.all(made)) equal([statusCode, data.code], [403, code])
    })
    equal([added, world.session.state], [{ logins: 0, exchanges: 0, requests: 20 }, 'signed-in'])
  })
}

test('a sign-in that is refused because it asks for no key says so', async () => {
  const world = await startSigned()
  world.backend.exchange = () => problem(403, 'proof_required')
  const { problem: said } = await world.failure(world.call('/a'), 'exchange_rejected')
  equal(said.code, 'proof_required')
})

test('a session outlasts a restart with its key', async () => {
  const world = await live()
  const next = world.restart()
  equal([next.session.state, (await next.call('/a')).data.session], ['signed-in', 1])
  equal(next.counts().logins, 0)
})

test('a session that was kept before the program signed goes on until it is renewed, then with a key', async () => {
  const world = await live({ options: { hostOf: plain } })
  const next = world.restart({ hostOf: signing })
  equal((await next.call('/a')).data.session, 1)
  ok(!next.backend.at('/a')[0].header.signature)
  next.backend.expire()
  equal((await next.call('/b')).data.session, 2)
  ok(next.backend.at('/b').pop().header.signature)
})

test('a program that no longer signs does not use a kept session with a key, and never sends the key', async () => {
  const world = await live()
  const next = world.restart({ hostOf: plain })
  equal(next.session.state, 'loading')
  equal((await next.call('/a')).data.session, 2)
  equal(leaked([next.backend.seen, next.phone.requests], world.backend.proofs.given), [])
})

test('a kept session whose key is damaged is not used', async () => {
  for (const key of [undefined, '', 'short', KEY + 'A', 7, { a: 1 }]) {
    const world = await live()
    const kept = JSON.parse(world.phone.shelf.get('wxsession'))
    world.phone.shelf.set('wxsession', JSON.stringify(Object.assign(kept, { key })))
    const next = world.restart()
    equal((await next.call('/a')).data.session, 2)
  }
})

test('the key is in nothing that is sent, told, thrown or answered', async () => {
  const answers = []
  const world = await live({
    options: {
      readSession: (answer) => {
        answers.push(answer)
        return answer.data
      },
    },
  })
  const { phone, backend, session } = world
  const task = world.call('/a', { method: 'POST', data: { a: 1 } })
  answers.push(task, await task, JSON.stringify(task), session, phone.requests, backend.seen)
  phone.hooks.request = (call) => ({ fail: { errMsg: JSON.stringify(call) } })
  answers.push(await world.failure(world.call('/b'), 'request_failed'))
  phone.hooks.request = () => {}
  backend.exchange = ({ body }) => ({ statusCode: 400, data: { said: body } })
  answers.push(await world.failure(session.login({ force: true }), 'exchange_rejected'))
  ok(backend.proofs.given.length === 1)
  equal(leaked(answers, backend.proofs.given), [])
})

test('of many sign-ins a host keeps the keys of the session in use and of the one before', async () => {
  let host
  const hostOf = (phone, loginUrl) => (host = signing(phone, loginUrl))
  const world = await startSigned({ options: { hostOf } })
  const other = world.createSession(Object.assign({}, world.options, { hostOf: () => host, storageKey: 'other' }))
  await other.login()
  for (let renewal = 0; renewal < 4; renewal++) {
    await world.session.login({ force: true })
    await world.call('/a')
  }
  const [another, , , before, newest] = world.backend.ids
  const signs = async (id) => {
    await new Promise((success) => host.request({ url: `${world.url}/${id}`, header: { sessionid: id }, success }))
    return isSigned(world.phone.requests.pop())
  }
  const found = []
  for (const id of world.backend.ids) found.push([id, await signs(id)])
  equal(
    found.filter(([, isSigned]) => isSigned).map(([id]) => id),
    [another, before, newest],
  )
  equal((await other.request({ url: '/b' })).statusCode, 200)
})

test('a wrong argument is named', async () => {
  const { phone, options } = await startSigned()
  const { signed } = phone.require('wxsession/signed')
  const said = (...given) => {
    try {
      return signed(...given)
    } catch (error) {
      return String(error)
    }
  }
  for (const wx of [undefined, null, 7, {}, options.loginUrl]) {
    equal(said(wx, options.loginUrl), 'TypeError: signed needs wx and loginUrl')
  }
  for (const url of [undefined, null, 7, {}]) {
    equal(said(phone.wx, url), 'TypeError: signed needs wx and loginUrl')
  }
})

test('a host whose methods are read-only, as those of wx are, can sign', async () => {
  const frozen = (phone) => ({ require: phone.require, wx: Object.freeze(Object.assign({}, phone.wx)) })
  const world = await startSigned({ options: { hostOf: (phone, loginUrl) => signing(frozen(phone), loginUrl) } })
  equal((await world.call('/a')).data.session, 1)
})

for (const outermost of ['traced', 'signed']) {
  test(`a signed session can be traced, with ${outermost} outermost`, async () => {
    const lines = []
    const hostOf = (phone, loginUrl) => {
      const traced = (wx) => phone.require('wxsession/traced').traced(wx, (line) => lines.push(line))
      const wx = outermost === 'traced' ? phone.wx : traced(phone.wx)
      const host = signing({ require: phone.require, wx }, loginUrl)
      return outermost === 'traced' ? traced(host) : host
    }
    const world = await startSigned({ options: { hostOf } })
    await world.call('/a')
    world.backend.expire()
    equal((await world.call('/b')).data.session, 2)
    world.restart()
    const isWritten = (words) => lines.some((line) => line.indexOf(words) >= 0)
    for (const words of ['/b was refused: session_expired', 'resend: ', 'start: a session is kept']) {
      ok(isWritten(words), [words].concat(lines))
    }
    equal(leaked(lines, world.backend.ids.concat(world.backend.proofs.given)), [])
  })
}
