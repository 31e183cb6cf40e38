/* What is sent is what the options were at the call, whatever the app does with its objects afterwards. */
'use strict'

const { equal } = require('./assert')
const { PHOTO, byHand, make } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { createGate, quiet, until } = require('./waiting')

const test = group('sent as it was')

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

class Order {
  constructor() {
    this.id = 7
    this.of = { city: '上海' }
  }
}

/** A model with a private part, and a way to serialise itself that needs it. */
function model() {
  const hidden = { id: 7 }
  const made = { parent: null, toJSON: () => ({ id: hidden.id }), change: () => Object.assign(hidden, { id: 8 }) }
  // As in models that know each other: only toJSON knows what to leave out.
  made.parent = made
  return made
}

/** Makers of bodies, and what the app does with them after the call. */
const bodies = {
  'a flat object': [() => ({ id: 7 }), (body) => Object.assign(body, { id: 8, more: 1 })],
  'an object in an object': [
    () => ({ address: { city: '上海' } }),
    (body) => Object.assign(body.address, { city: '' }),
  ],
  'a list in an object': [() => ({ items: [{ n: 2 }] }), (body) => body.items.splice(0)],
  'a list': [() => [{ event: 'view' }, { event: 'buy' }], (body) => body.splice(0)],
  'a list of texts': [() => ['a', 'b'], (body) => body.splice(0)],
  'an instance': [() => new Order(), (body) => Object.assign(body, { id: 8 }, Object.assign(body.of, { city: '' }))],
  'an object without a prototype': [
    () => Object.assign(Object.create(null), { id: 7, of: { n: 1 } }),
    (body) => Object.assign(body.of, { n: 2 }),
  ],
  'an object that serialises itself': [model, (body) => body.change()],
  'an object with one that serialises itself': [() => ({ model: model() }), (body) => body.model.change()],
  'an object with a date': [() => ({ on: new Date(0) }), (body) => body.on.setFullYear(2020)],
  'an object with values that JSON leaves out': [
    () => ({ a: undefined, b: () => 1, c: NaN, d: { e: undefined, f: [undefined] } }),
    (body) => Object.assign(body.d, { e: 1 }),
  ],
  'a date': [() => new Date(0), (body) => body.setFullYear(2020)],
  'a boxed text': [() => new String('seven'), (body) => body],
  'a boxed text of nothing': [() => new String(''), (body) => body],
  'a boxed number': [() => new Number(0), (body) => body],
  'a boxed answer': [() => new Boolean(false), (body) => body],
  'an object with boxed values': [
    () => ({ a: new String('b'), c: new Number(0), d: new Boolean(false) }),
    (body) => Object.assign(body, { a: 1, c: 1, d: 1 }),
  ],
  'a view of bytes': [
    () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
    (body) => new Uint8Array(body.buffer).fill(9),
  ],
  'numbers of two bytes': [() => new Uint16Array([258, 772]), (body) => body.fill(9)],
  bytes: [() => new Uint8Array([1, 2, 3]).buffer, (body) => new Uint8Array(body).fill(9)],
  'a part of a buffer': [() => new Uint8Array([1, 2, 3, 4]).subarray(1, 3), (body) => body.fill(9)],
}

/** The body that wx sends at once. */
async function sentAtOnce(world, options) {
  world.phone.wx.request(Object.assign({ url: `${world.url}/bare` }, options))
  await until(() => world.backend.at('/bare').length === 1)
  return seen(world.backend.at('/bare')[0])
}

const seen = ({ bytes, query }) => [query, Array.from(bytes)]

for (const [how, options] of [
  ['JSON', { method: 'POST' }],
  ['a form', { method: 'POST', header: FORM }],
  ['a query', { method: 'GET' }],
]) {
  for (const kind of Object.keys(bodies)) {
    const [made, change] = bodies[kind]
    // A model cannot be a form: wx would serialise the parts that know each other.
    if (how !== 'JSON' && kind === 'an object that serialises itself') continue
    test(`${kind} as ${how}, while the call waits and when it is sent again`, async () => {
      const world = await start()
      const expected = await sentAtOnce(world, Object.assign({ data: made() }, options))
      for (const stage of ['waits', 'is sent again']) {
        if (stage === 'is sent again') world.backend.expire()
        const data = made()
        const task = world.call('/orders', Object.assign({ data }, options))
        change(data)
        equal((await task).statusCode, 200)
        for (const request of world.backend.at('/orders')) equal(seen(request), expected, stage)
      }
      equal(world.backend.at('/orders').length, 3)
    })
  }
}

test('a body in a circle fails as with wx, at once and after a wait', async () => {
  const world = await start()
  const data = { id: 7, self: undefined }
  data.self = data
  for (let time = 0; time < 2; time++) {
    await world.failure(world.call('/orders', { method: 'POST', data }), 'request_failed')
    await world.session.login()
  }
})

test('the fields of an upload', async () => {
  const world = await (await start()).signedIn()
  world.backend.expire()
  const formData = { name: 'a', tags: ['b'] }
  const task = make(world, 'uploadFile', '/photos', { formData })
  formData.name = 'x'
  formData.tags.pop()
  equal((await task).statusCode, 200)
  equal(
    world.backend.at('/photos').map(({ form }) => [form.fields.name, form.fields.tags]),
    [
      ['a', '["b"]'],
      ['a', '["b"]'],
    ],
  )
})

for (const sessionPlace of ['header', 'query', 'body']) {
  test(`headers, with the session in the ${sessionPlace}`, async () => {
    const world = await (await start({ options: { sessionPlace } })).signedIn()
    const sent = byHand(world, 'request')
    const header = { 'X-Trace': 'a' }
    world.call('/orders', { header })
    header['X-Trace'] = 'b'
    sent[0].options.success({ statusCode: 401 })
    await until(() => sent.length === 2)
    equal(
      sent.map(({ options }) => options.header['X-Trace']),
      ['a', 'a'],
    )
  })
}

test('the protocols of a socket that waits', async () => {
  const world = await start()
  const protocols = ['chat']
  world.session.connectSocket({ url: `${world.url.replace('http', 'ws')}/live`, protocols })
  protocols[0] = 'other'
  await until(() => world.phone.sockets.length === 1)
  equal(world.phone.sockets[0].header['sec-websocket-protocol'], 'chat')
})

test('an object that serialises itself, with the session in the body', async () => {
  const world = await (await start({ options: { sessionPlace: 'body' } })).signedIn()
  world.backend.idOf = ({ body }) => JSON.parse(body).sessionid
  world.backend.expire()
  equal((await world.call('/orders', { method: 'POST', data: model() })).statusCode, 200)
  equal(
    world.backend.at('/orders').map(({ body }) => JSON.parse(body).id),
    [7, 7],
  )
})

class Call {
  constructor(url) {
    this.url = url
    this.heard = []
  }
  get method() {
    return 'POST'
  }
  get data() {
    return { n: 1 }
  }
  success() {
    this.heard.push('success')
  }
  complete() {
    this.heard.push('complete')
  }
}

test('options that a class has: getters, and callbacks that know their object', async () => {
  const world = await start()
  const gate = createGate()
  world.backend.exchange = () => gate.opened
  const options = new Call(`${world.url}/orders`)
  world.session.request(options)
  gate.open()
  await until(() => options.heard.length === 2)
  const [{ body, method }] = world.backend.at('/orders')
  equal([options.heard, method, body], [['success', 'complete'], 'POST', '{"n":1}'])
})

for (const [kind, prototype] of [
  ['an object', {}],
  ['nothing', Object.create(null)],
]) {
  test(`options that are inherited from defaults, whose prototype is that of ${kind}`, async () => {
    const world = await start()
    const defaults = Object.assign(kind === 'nothing' ? prototype : {}, { method: 'PUT', header: { 'X-App': '1' } })
    const middle = Object.assign(Object.create(defaults), { timeout: 3000, auth: true })
    const options = Object.assign(Object.create(middle), { url: `${world.url}/orders`, data: { n: 1 } })
    const sent = byHand(world, 'request')
    world.session.request(options)
    await until(() => sent.length === 1)
    const { header, method, timeout } = sent[0].options
    equal([method, header['X-App'], timeout, 'auth' in sent[0].options], ['PUT', '1', 3000, false])
  })
}

test('options of an upload that a class has', async () => {
  const world = await start()
  class Upload {
    get url() {
      return `${world.url}/photos`
    }
    get filePath() {
      return PHOTO
    }
    get name() {
      return 'photo'
    }
  }
  equal((await world.session.uploadFile(new Upload())).statusCode, 200)
  await quiet(world)
})

test('options that are a function fail, because they have no URL', async () => {
  const world = await start()
  await world.failure(
    world.session.request(() => {}),
    'invalid_option',
  )
})
