/* Where the session goes: in a header, in the query, or in the body. */
'use strict'

const { equal } = require('./assert')
const { deeplyFrozen, make, noting, sends } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('places')

const NAME = 'wx-token'

/** A live session that calls carry in this place, under another name. The backend looks for it only there. */
async function placed(sessionPlace, options) {
  const idOf = {
    header: ({ header }) => header[NAME],
    query: ({ query }) => query[NAME],
    body: ({ body, form, query }) => {
      if (form) return form.fields[NAME]
      const inBody = body[0] === '{' ? JSON.parse(body) : {}
      return NAME in inBody ? inBody[NAME] : query[NAME]
    },
  }[sessionPlace]
  const before = (backend) => {
    backend.idOf = idOf
  }
  const world = await start({ before, options: Object.assign({ sessionPlace, sessionName: NAME }, options) })
  return world.signedIn()
}

/** The part after the host of the only call to a path. */
const target = (world, kind, path) => {
  const all = sends(world, kind, path)
  equal(all.length, 1)
  return all[0].url.replace(/^\w+:\/\/[^/]*/, '')
}

for (const place of ['header', 'query', 'body']) {
  test(`${place}: calls of all kinds go, and are renewed and sent again`, async () => {
    const world = await placed(place)
    const calls = () => [
      world.call('/get'),
      world.call('/post', { method: 'POST', data: deeplyFrozen({ a: { b: 1 } }) }),
      make(world, 'uploadFile', '/upload', { formData: deeplyFrozen({ a: '1' }) }),
      make(world, 'downloadFile', '/download'),
    ]
    for (const logins of [1, 2]) {
      equal(
        (await Promise.all(calls())).map(({ statusCode }) => statusCode),
        [200, 200, 200, 200],
      )
      equal(world.phone.counts.logins, logins)
      world.backend.expire()
    }
    const socket = make(world, 'connectSocket', '/live')
    await world.session.login({ force: true })
    const other = make(world, 'connectSocket', '/live')
    await until(() => world.backend.sockets.length === 1)
    socket.close()
    other.close()
  })

  test(`${place}: a sign-in presents the session that it replaces, and a sign-out the one that it ends`, async () => {
    for (const loginMethod of ['POST', 'GET']) {
      const world = await placed(place, { loginMethod })
      await world.session.login({ force: true })
      await world.session.logout()
      const presented = world.backend.at('/wx/onlogin').concat(world.backend.at('/wx/logout')).map(world.backend.idOf)
      equal(presented, [undefined].concat(world.backend.ids))
      equal(world.backend.ids.filter(world.backend.isLive), [])
    }
  })

  test(`${place}: nothing is in the other two`, async () => {
    const world = await placed(place)
    await world.call('/a', { method: 'POST', data: { a: 1 } })
    const [{ header, query, body }] = world.backend.at('/a')
    const found = { header: NAME in header, query: NAME in query, body: NAME in JSON.parse(body) }
    equal(found, Object.assign({ header: false, query: false, body: false }, { [place]: true }))
  })

  test(`${place}: bare calls carry nothing`, async () => {
    const world = await placed(place)
    await world.call('/a?b=1', { auth: false, method: 'POST', data: { c: 2 } })
    const [{ header, url, data }] = sends(world, 'request', '/a')
    equal([NAME in header, url, data], [false, `${world.url}/a?b=1`, { c: 2 }])
  })
}

test("header: the URL and the body are the app's own", async () => {
  const world = await placed('header')
  const data = { a: 1 }
  await world.call('/a?b=1&wx-token=mine', { method: 'POST', data })
  const [send] = sends(world, 'request', '/a')
  equal([target(world, 'request', '/a'), send.data], ['/a?b=1&wx-token=mine', data])
})

const id = 'a+b/c==&d#e?f'
const encoded = encodeURIComponent(id)

const queries = {
  '/a': `/a?wx-token=${encoded}`,
  '/a?': `/a?wx-token=${encoded}`,
  '/a?b=1': `/a?b=1&wx-token=${encoded}`,
  '/a?b=1&': `/a?b=1&wx-token=${encoded}`,
  '/a?b=1#c?d': `/a?b=1&wx-token=${encoded}#c?d`,
  '/a#c': `/a?wx-token=${encoded}#c`,
  '/a?wx-token=mine': `/a?wx-token=${encoded}`,
  '/a?b=1&wx-token=mine&c=x=y&wx-token&wx-tokens=2': `/a?b=1&c=x=y&wx-tokens=2&wx-token=${encoded}`,
  '/a?b=%E5%95%86+x': `/a?b=%E5%95%86+x&wx-token=${encoded}`,
  '/a?to=/x?y': `/a?to=/x?y&wx-token=${encoded}`,
}

test('query: what the URL has stays as it is, but for a session of its own', async () => {
  const world = await placed('query', { readSession: () => ({ sessionid: id }) })
  const native = world.phone.wx.request
  const urls = []
  world.phone.wx.request = (options) => {
    urls.push(options.url)
    return native(options)
  }
  world.backend.call = ({ query }) => ({ data: query[NAME] === id })
  for (const path of Object.keys(queries)) equal((await world.call(path)).data, true, path)
  equal(
    urls,
    Object.keys(queries).map((path) => world.url + queries[path]),
  )
})

const bodies = {
  'an object': [{ a: 1 }, true],
  nothing: [undefined, true],
  'a text': ['{"a":1}', false],
  'an empty text': ['', false],
  bytes: [new Uint8Array([1, 2]).buffer, false],
  'a list': [[1, 2], false],
  null: [null, false],
}

for (const kind of Object.keys(bodies)) {
  const [data, isBody] = bodies[kind]
  test(`body: beside ${kind} the session is in the ${isBody ? 'body' : 'query'}`, async () => {
    const world = await placed('body')
    await world.call('/a?b=1', { method: 'POST', data })
    const [send] = sends(world, 'request', '/a')
    if (isBody) equal(send.data, Object.assign({}, data, { [NAME]: world.backend.ids[0] }))
    else equal(send.data === data, true)
    equal(target(world, 'request', '/a'), isBody ? '/a?b=1' : `/a?b=1&wx-token=${world.backend.ids[0]}`)
  })
}

test("body: a field of the app's that has the name gives way", async () => {
  const world = await placed('body')
  await world.call('/a', { method: 'POST', data: { [NAME]: 'mine', a: 1 } })
  equal(sends(world, 'request', '/a')[0].data, { [NAME]: world.backend.ids[0], a: 1 })
})

test('body: sign-ins and sign-outs have the session in their bodies, and nothing in their URLs', async () => {
  const world = await placed('body')
  await world.session.login({ force: true })
  await world.session.logout()
  const [, renewal] = world.backend.at('/wx/onlogin')
  const [ending] = world.backend.at('/wx/logout')
  const sent = [renewal, ending].map(({ body }) => JSON.parse(body))
  equal(sent, [{ code: world.told.codes[1], [NAME]: world.backend.ids[0] }, { [NAME]: world.backend.ids[1] }])
  equal(
    [renewal, ending].map(({ query }) => query),
    [{}, {}],
  )
})

test('body: downloads and sockets, which have none, carry it in the query', async () => {
  const world = await placed('body')
  await make(world, 'downloadFile', '/a', { data: { a: 1 } })
  make(world, 'connectSocket', '/live?b=1')
  equal(
    [target(world, 'downloadFile', '/a'), target(world, 'connectSocket', '/live')],
    [`/a?wx-token=${world.backend.ids[0]}`, `/live?b=1&wx-token=${world.backend.ids[0]}`],
  )
  await until(() => world.backend.sockets.length === 1)
})

test('body: fields of another kind than a plain object go as JSON would have them', async () => {
  const world = await placed('body')
  const data = Object.assign(Object.create(null), { a: 1 })
  await world.call('/a', { method: 'POST', data })
  equal(JSON.parse(world.backend.at('/a')[0].body), { a: 1, [NAME]: world.backend.ids[0] })
})

test('body: what is no object as JSON has it stays as it is, and the session goes into the query', async () => {
  const world = await placed('body')
  const text = { toJSON: () => 'a text' }
  for (const path of ['/at-once', '/waits']) {
    const answer = await world.call(path, { method: 'POST', data: text })
    equal([answer.statusCode, world.backend.at(path)[0].body], [200, '"a text"'])
    world.backend.expire()
  }
  equal(world.phone.counts.logins, 2)
})

test('body: data whose toJSON throws fails the call, at once or after a wait', async () => {
  const data = {
    toJSON() {
      throw null
    },
  }
  const world = await placed('body')
  await world.failure(world.call('/a', { method: 'POST', data }), 'request_failed')
  world.backend.expire()
  const first = world.call('/b')
  await until(() => world.session.state === 'signing-in')
  await world.failure(world.call('/c', { method: 'POST', data }), 'request_failed')
  equal((await first).statusCode, 200)
})

for (const url of ['/a#x\ny', '/a#\u2028']) {
  test(`query: the session goes before the fragment, also in ${JSON.stringify(url)}`, async () => {
    const world = await placed('query')
    const heard = []
    make(world, 'request', url, noting(heard))
    await until(() => heard.length === 2)
    equal([heard[0], target(world, 'request', '/a')], ['success 200', `/a?${NAME}=${world.backend.ids[0]}`])
  })
}
