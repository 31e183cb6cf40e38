/* The session goes only to the servers that the app trusts. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('origins')

const LOGIN = 'https://api.example.com/wx/onlogin'

/** A session with this login URL, in a world where every server is the backend. */
async function startAt(loginUrl, options) {
  const world = await start({ options: Object.assign({ loginUrl }, options) })
  world.phone.hooks.request = ({ path, method, header, bytes }) => {
    const body = String.fromCharCode.apply(null, bytes)
    const more = { target: path, query: {}, form: undefined, upgrade: false }
    return { answer: world.backend.answer(Object.assign(more, { path, method, header, body, bytes })) }
  }
  return world
}

/** Calls each URL, and returns those that received the session. */
async function carried(world, urls) {
  const reached = []
  for (const url of urls) {
    const before = world.phone.requests.length
    await world.session.request({ url }).catch(() => {})
    // Without scheme and slash, nothing is sent.
    const { header } = world.phone.requests[before] || { header: {} }
    if (Object.keys(header).some((name) => header[name] === world.backend.ids[0])) reached.push(url)
  }
  return reached
}

const TRUSTED = [
  'https://api.example.com',
  'https://api.example.com/a?b#c',
  'https://api.example.com?to=https://evil.example',
  'https://api.example.com#x',
  'HTTPS://API.Example.COM/a',
  'https://api.example.com:443/a',
  'https://api.example.com/a@evil.example/',
]

const FOREIGN = [
  'http://api.example.com/a',
  'http://api.example.com:443/a',
  'https://api.example.com:444/a',
  'https://api.example.com:80/a',
  'https://api.example.com.evil.example/a',
  'https://evil.example/https://api.example.com/',
  'https://evil.example/?https://api.example.com/',
  'https://example.com/a',
  'https://www.api.example.com/a',
  'https://apiXexample.com/a',
]

const TRICKS = [
  'https://api.example.com@evil.example/',
  'https://api.example.com:443@evil.example/',
  'https://user:password@api.example.com/',
  'https://evil.example\\@api.example.com/',
  'https://api.example.com\\@evil.example/',
  'https://api.example.com\\.evil.example/',
  'https:\\\\api.example.com/',
  'https:/api.example.com/',
  'https:///api.example.com/',
  'https://api.example.com\t/',
  'https://api.example.com\n.evil.example/',
  'https://api.example.com .evil.example/',
  'https://api.example.com\u0000/',
  ' https://api.example.com/',
  'https://\u0430pi.example.com/',
  'https://api.example.com\u3002evil.example/',
  'https://api.example.com\ud83d/',
  'https://api%2eexample.com/',
  'https://api.example.com:+443/',
  'https://api.example.com:65979/',
  'https://api.example.com:443:443/',
  '//api.example.com/a',
  'api.example.com/a',
  'javascript://api.example.com/%0a',
]

test("calls to the login URL's origin carry the session, however it is written", async () => {
  const world = await (await startAt(LOGIN)).signedIn()
  equal(await carried(world, TRUSTED), TRUSTED)
})

test('calls to any other scheme, host or port go bare', async () => {
  const world = await (await startAt(LOGIN)).signedIn()
  equal(await carried(world, FOREIGN), [])
  equal(world.namedOrigins(), [
    'http://api.example.com',
    'http://api.example.com:443',
    'https://api.example.com:444',
    'https://api.example.com:80',
    'https://api.example.com.evil.example',
    'https://evil.example',
    'https://example.com',
    'https://www.api.example.com',
    'https://apiXexample.com',
  ])
})

test('calls to a URL that two parsers could read differently go bare', async () => {
  const world = await (await startAt(LOGIN)).signedIn()
  equal(await carried(world, TRICKS), [])
})

test('such a URL is refused where the app lists it, or goes bare all the same', async () => {
  const world = await startAt(LOGIN)
  const isTaken = (url) => {
    try {
      world.createSession(Object.assign({}, world.options, { origins: [url], storageKey: url }))
      return true
    } catch ({ code, message }) {
      equal([code, message.indexOf('origins: ')], ['invalid_option', 0])
      return false
    }
  }
  const taken = TRICKS.filter((url) => url !== '').filter(isTaken)
  const other = await (await startAt(LOGIN, { origins: taken })).signedIn()
  equal(await carried(other, taken), [])
})

test('the origins of baseUrl and of the list are trusted too', async () => {
  const origins = ['HTTPS://Files.example.com', 'wss://live.example.com/x']
  const options = { baseUrl: 'https://shop.example.com:8443/v1', origins }
  const world = await (await startAt(LOGIN, options)).signedIn()
  const trusted = [
    'https://api.example.com/a',
    'https://shop.example.com:8443/a',
    '/a',
    'https://files.example.com/a',
    'https://files.example.com:443/a',
    'https://live.example.com/a',
  ]
  const foreign = ['https://shop.example.com/a', 'https://files.example.com:8443/a', 'http://live.example.com/a']
  equal(await carried(world, trusted.concat(foreign)), trusted)
  equal(world.namedOrigins().length, 3)
})

test('addresses and ports are compared to the end', async () => {
  const world = await (await startAt('http://[::1]:8080/wx/onlogin', { origins: ['http://127.0.0.1'] })).signedIn()
  const trusted = ['http://[::1]:8080/a', 'http://127.0.0.1/a', 'http://127.0.0.1:80/a']
  const foreign = ['http://[::1]/a', 'http://[::2]:8080/a', 'http://127.0.0.1:8080/a', 'http://127.0.0.11/a']
  equal(await carried(world, trusted.concat(foreign)), trusted)
  equal(world.namedOrigins().length, 4)
})

test('an origin that gets no session and answers 401 is named in the console, once', async () => {
  const world = await startAt('http://127.0.0.1:8080/wx/onlogin')
  const call = (url, options) => world.session.request(Object.assign({ url }, options))
  await call('http://127.0.0.1:8080/a', { auth: false })
  await call('http://localhost:8080/a', { auth: false })
  equal(world.namedOrigins(), [])
  for (let time = 0; time < 3; time++) await call('http://localhost:8080/a?token=secret')
  world.session.request({ url: 'http://LOCALHOST:8080/b', complete: () => {} })
  equal(world.namedOrigins(), ['http://localhost:8080'])
  world.backend.refusal = () => ({ statusCode: 403 })
  await call('http://localhost:8081/a')
  equal(world.namedOrigins(), [])
})

test('an origin that gets no session is named if its answer is a refusal by the app’s own function', async () => {
  const refusal = ({ data }) => data.code === 401
  const world = await startAt('http://127.0.0.1:8080/wx/onlogin', { refusal })
  const answered = async (data) => {
    world.backend.refusal = () => ({ statusCode: 200, data })
    await world.session.request({ url: 'http://localhost:8080/a' })
    return world.namedOrigins()
  }
  equal(await answered({ code: 200 }), [])
  equal(await answered(null), [], 'the function throws')
  equal(await answered({ code: 401 }), ['http://localhost:8080'])
  equal(await answered({ code: 401 }), [], 'once')
})

test('a foreign call neither signs in nor waits, and its 401 is its own', async () => {
  const world = await startAt(LOGIN)
  const own = { sessionid: 'of the other server' }
  const { statusCode } = await world.session.request({ url: 'https://evil.example/a', header: own })
  equal(statusCode, 401)
  equal(world.counts(), { logins: 0, exchanges: 0, requests: 1 })
  equal(world.phone.requests[0].header.sessionid, 'of the other server')

  await world.signedIn()
  const added = await world.added(() => world.session.request({ url: 'https://evil.example/a' }))
  equal(added, { logins: 0, exchanges: 0, requests: 1 })
  equal(world.session.state, 'signed-in')
  equal(world.namedOrigins(), ['https://evil.example'])
})
