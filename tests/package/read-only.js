/* Where an app uses plugins, WeChat makes the prototypes of the language read-only. */
'use strict'

const { equal } = require('./assert')
const { PHOTO } = require('./kinds')
const { isOpen, opened } = require('./listening')
const { afterwards, group } = require('./runner')
const { plain } = require('./signing')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('read-only prototypes')

const KINDS = [
  Object,
  Function,
  Array,
  Error,
  TypeError,
  String,
  Number,
  Boolean,
  RegExp,
  Date,
  Map,
  Set,
  Promise,
  Uint8Array,
]

/** Makes all of them read-only until the test ends. (A frozen prototype would stay so.) */
function makeReadOnly() {
  for (const { prototype } of KINDS) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const { configurable, writable } = Object.getOwnPropertyDescriptor(prototype, name)
      if (!configurable || !writable) continue
      Object.defineProperty(prototype, name, { writable: false })
      afterwards(() => {
        Object.defineProperty(prototype, name, { writable: true })
      })
    }
  }
}

test('calls of every kind go, and are sent again', async () => {
  makeReadOnly()
  const world = await start()
  equal((await world.call('/a', { method: 'POST', data: { list: [1] } })).statusCode, 200)
  world.backend.expire()
  equal((await world.call('/b', { method: 'POST', data: { list: [1] } })).data.session, 2)
  equal((await world.session.uploadFile({ url: '/c', filePath: PHOTO, name: 'photo' })).statusCode, 200)
  equal((await world.session.downloadFile({ url: '/d' })).statusCode, 200)
  await until(isOpen(opened(world, '/live')))
  await world.session.logout()
})

test('failures are errors with their codes', async () => {
  makeReadOnly()
  const world = await start()
  const task = world.call('/a')
  task.abort()
  equal((await world.failure(task, 'aborted')).name, 'SessionError')
  world.phone.hooks.request = () => ({ fail: { errMsg: 'request:fail timeout', errno: 5 } })
  const error = await world.failure(world.call('/a', { auth: false }), 'request_failed')
  equal([error.name, error.errno], ['SessionError', 5])
})

const ODD = ['constructor', '__proto__', 'toString']

/** The values of these names among an object's own. */
const ownOf = (object, names) =>
  names.map((name) => Object(Object.getOwnPropertyDescriptor(Object(object), name)).value)

/** The odd headers with which wx is called, which it gets without them. */
function oddHeaders(phone, sent) {
  const native = phone.wx.request
  phone.wx.request = (given) => {
    sent[given.url.replace(/^.*[/]|[?].*$/g, '')] = ownOf(given.header, ODD)
    const header = {}
    for (const name of Object.keys(given.header)) if (ODD.indexOf(name) < 0) header[name] = given.header[name]
    return native(Object.assign({}, given, { header }))
  }
}

for (const sessionPlace of ['header', 'query', 'body']) {
  test(`headers whose names mean something to the language go, with the session in the ${sessionPlace}`, async () => {
    makeReadOnly()
    const sent = {}
    const odd = (text) => JSON.parse(`{"constructor":"${text}","__proto__":"${text}","toString":"${text}"}`)
    const world = await start({
      options: { sessionPlace, loginHeader: odd('login') },
      before: (_, phone) => oddHeaders(phone, sent),
    })
    await world.call('/a', { header: odd('call') })
    await world.call('/b', { header: odd('bare'), auth: false })
    await world.session.logout()
    const three = (text) => [text, text, text]
    equal(sent, { onlogin: three('login'), a: three('call'), b: three('bare'), logout: three('login') })
  })
}

/** A body whose names mean something to the language. `JSON.parse` makes them own properties. */
const odd = () => JSON.parse('{"constructor":"a","__proto__":{"b":1},"toString":null,"list":[{"constructor":2}]}')

for (const sessionPlace of ['header', 'body']) {
  for (const isReadOnly of [false, true]) {
    const where = isReadOnly ? 'read-only prototypes' : 'usual prototypes'
    test(`a body of odd names arrives whole with the session in the ${sessionPlace}, with ${where}`, async () => {
      if (isReadOnly) makeReadOnly()
      const world = await start({ options: { hostOf: plain, sessionPlace, loginData: odd } })
      world.backend.idOf = ({ header, body }) => header.sessionid || JSON.parse(body || '{}').sessionid
      const sent = []
      world.backend.call = ({ body }) => {
        sent.push(body)
      }
      const calls = [world.call('/a', { method: 'POST', data: odd() })]
      equal((await calls[0]).statusCode, 200)
      world.backend.expire()
      equal((await world.call('/a', { method: 'POST', data: odd() })).data.session, 2)
      const parts = Array.from(new Set(sent.map((body) => body.replace(/,"sessionid":"[^"]*"/, ''))))
      equal(parts, [JSON.stringify(odd())])
      const [exchange] = world.backend.at('/wx/onlogin')
      equal(exchange.body.replace(/,"code":"[^"]*"/, ''), JSON.stringify(odd()))
    })
  }
}
