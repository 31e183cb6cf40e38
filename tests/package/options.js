/* A wrong option is reported at once, by its name. */
'use strict'

const { equal, ok, thrownBy } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('options')

const loginUrl = 'https://api.example.com/wx/onlogin'

/** createSession throws for these options, and the error names the wrong one. */
function isWrong(world, options, name) {
  const error = thrownBy(() => world.createSession(options))
  const given = JSON.stringify(options)
  ok(error instanceof world.SessionError && error instanceof Error, `a SessionError for ${given}: ${error}`)
  equal(error.code, 'invalid_option', given)
  ok(error.message.indexOf(name) >= 0, `it names ${name}: ${error.message}`)
}

test('options that are missing, or no object', async () => {
  const world = await start()
  for (const options of [undefined, null, {}, 17, true, '', 'https://api.example.com/wx/onlogin', []]) {
    const error = thrownBy(() => world.createSession(options))
    equal([error.code, error instanceof world.SessionError], ['invalid_option', true])
  }
  isWrong(world, {}, 'loginUrl')
  isWrong(world, undefined, 'loginUrl')
})

test('an unknown option, with the names that there are', async () => {
  const world = await start()
  isWrong(world, { loginUrl, loginURL: loginUrl }, 'loginURL')
  isWrong(world, { loginUrl, loginURL: loginUrl }, 'loginUrl')
})

test('an unknown option with a name that every object has', async () => {
  const world = await start()
  isWrong(world, { loginUrl, toString: 'x' }, 'toString')
  isWrong(world, { loginUrl, constructor: 'x' }, 'constructor')
})

const wrong = {
  loginUrl: [
    17,
    null,
    '',
    {},
    [loginUrl],
    'https://u:p@api.example.com/wx/onlogin',
    'https://例え.example/wx/onlogin',
    'https://a b/wx',
    'https://api.example.com:65536/wx',
    'https://api.example.com:8o/wx',
    'https://a:b:c/wx',
    'https://:80/wx',
    'api.example.com/wx/onlogin',
    '/wx/onlogin',
    'ftp://api.example.com/',
    'https://',
    'https:///wx',
  ],
  host: [null, 17, 'tt', true, {}, [], () => {}],
  loginMethod: ['PUT', 'post', 1, null, {}],
  loginData: ['appid=wx1', 17, true, null, ''],
  sessionPlace: ['cookie', 'Header', 17, null, []],
  readSession: ['id', {}, null, 17],
  core: ['plain', {}, null, true],
  refusal: [401, 'session_expired', {}, null, true],
  refusalCloseCode: ['4401', null, 4401.5, NaN, {}, [4401]],
  sessionName: ['', 'a b', 'a:b', 'a\r\nb', 'kopf-\u00e4', 17, null, []],
  baseUrl: ['https://api.example.com/v1?a=1', '', '/v1', 'api.example.com', 17, null, {}],
  origins: [
    'https://api.example.com',
    [17],
    ['api.example.com'],
    [''],
    [null],
    {},
    null,
    ['https://'],
    ['wss://a:99999'],
  ],
  logoutUrl: ['', '/wx/logout', false, 17, null],
  storageKey: ['', 17, null, {}, []],
  wasmPath: ['', 17, null, {}],
  loadTimeout: [0, -1, 1.5, NaN, Infinity, '10', null, 2147483648, {}],
  loginTimeout: [0, -1, NaN, '10', null, [5000]],
  loginDataTimeout: [0, -1, 1.5, NaN, '10', null],
  exchangeTimeout: [0, -1, NaN, '10', true, 2147483648],
}

for (const name of Object.keys(wrong)) {
  test(`a wrong ${name}`, async () => {
    const world = await start()
    for (const value of wrong[name]) isWrong(world, Object.assign({ loginUrl }, { [name]: value }), name)
  })
}

test('options that are undefined are as if they were not there', async () => {
  const options = { baseUrl: undefined, origins: undefined, loginTimeout: undefined, storageKey: undefined }
  const world = await start({ options })
  equal(await world.calls(2), [200, 200])
})

test('options are looked at once: what the app changes later changes nothing', async () => {
  const options = { loginUrl: 'https://placeholder.example/', origins: [], storageKey: 'mine' }
  const world = await start()
  options.loginUrl = `${world.url}/wx/onlogin`
  const session = world.createSession(options)
  options.loginUrl = 'https://evil.example/wx/onlogin'
  options.origins.push('https://evil.example')
  await session.login()
  world.phone.hooks.request = () => ({ answer: {} })
  await session.request({ url: 'https://evil.example/' })
  equal(
    world.phone.requests.map(({ header }) => 'sessionid' in header),
    [false, false],
  )
})

test('frozen options are fine', async () => {
  const world = await start()
  const options = { loginUrl: `${world.url}/wx/onlogin`, origins: Object.freeze([]), storageKey: 'frozen' }
  await world.createSession(Object.freeze(options)).login()
})

test('wrong options take no storage key and load nothing', async () => {
  const world = await start()
  const options = Object.assign({}, world.options, { storageKey: 'mine' })
  isWrong(world, Object.assign({ loginTimeout: 0 }, options), 'loginTimeout')
  await world.createSession(options).login()
  // One for the session of `start`, and one for this.
  equal([world.phone.shelf.has('mine'), world.phone.counts.instantiations], [true, 2])
})

test('a SessionError can be made by an app for its own tests', async () => {
  const { SessionError } = await start()
  const error = new SessionError('signed_out')
  equal([error instanceof Error, error.name, error.code], [true, 'SessionError', 'signed_out'])
  ok(/login\(\)/.test(error.message), `it names the remedy: ${error.message}`)
})
