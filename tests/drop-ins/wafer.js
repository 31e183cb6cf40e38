'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { nodeSession, serverSdk } = require('./servers/wafer')
const { outcome, start } = require('./start')

const test = group('wafer')

async function startClient(serve, options) {
  const world = await start(serve || nodeSession, options)
  const client = world.client('wafer')
  client.setLoginUrl(`${world.url}/login`)
  return { ...world, wafer: client, call: (path, more) => outcome(client.request, { url: world.url + path, ...more }) }
}

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))

for (const [name, serve] of /** @type {[string, any][]} */ ([
  ['wafer-node-session', nodeSession],
  ['qcloud-weapp-server-sdk', serverSdk],
])) {
  test(`twenty first calls sign in once at ${name}, and once more when it has lost the session`, async () => {
    const { call, phone, service, wechat } = await startClient(serve)
    const cold = await times(20, () => call('/me', { login: true }))
    equal([phone.counts.logins, wechat.exchanged.length, phone.counts.requests], [1, 1, 21])
    service.expire()
    const late = await times(20, () => call('/me'))
    equal([phone.counts.logins, wechat.exchanged.length, phone.counts.requests], [2, 2, 62])
    ok(
      [...cold, ...late].every(({ called, value }) => called[0] === 'success' && value.data.openId === wechat.openId),
      'all have their answers',
    )
  })
}

test('the SDK that it replaces signs in twenty times', async () => {
  const { call, phone } = await startClient(nodeSession, { old: 'wafer-client-sdk' })
  await times(20, () => call('/me', { login: true }))
  equal(phone.counts.logins, 20)
})

/** What both must do alike: the same calls, with the same outcomes. */
const STORIES = {
  async 'signing in, with a session and without'({ wafer, wechat, phone, call }) {
    const first = await outcome(wafer.login)
    const again = await outcome(wafer.login)
    const header = Object.keys(wafer.buildSessionHeader()).sort()
    wafer.clearSession()
    const bare = wafer.buildSessionHeader()
    const { value } = await call('/free')
    const anew = await call('/me', { login: true })
    return [
      first,
      again,
      header,
      bare,
      value.data,
      anew.called,
      anew.value.data.openId === wechat.openId,
      phone.counts.logins,
    ]
  },
  async 'a call as the program made it'({ wafer, call }) {
    await outcome(wafer.login)
    const header = { 'X-Mine': 'mine' }
    const { called, value } = await call('/me?a=1', { login: true, method: 'POST', data: { b: [1] }, header })
    const { method, body, query, mine } = value.data
    return [called, value.statusCode, method, body, query, mine, header]
  },
  async 'an answer of any status'({ call }) {
    const { called, value } = await call('/me')
    return [called, value.statusCode, value.data]
  },
  async 'a session that the server has lost'({ wafer, service, call, at }) {
    await outcome(wafer.login)
    service.expire()
    const { called, value } = await call('/me')
    return [called, value.statusCode, at('/login').length, at('/me').length]
  },
  async 'a session that is refused again'({ wafer, call, phone }) {
    await outcome(wafer.login)
    const refusal = { 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A': 1, error: 'ERR_INVALID_SESSION', message: 'gone' }
    phone.hooks.request = ({ path }) => path === '/me' && { answer: { statusCode: 200, data: refusal } }
    const { called, value } = await call('/me')
    return [called, value.type, value.message, value instanceof wafer.RequestError, value instanceof Error]
  },
  async 'a check that is impossible'({ wafer, call, phone, at }) {
    await outcome(wafer.login)
    const failure = { 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A': 1, error: 'ERR_CHECK_LOGIN_FAILED' }
    phone.hooks.request = ({ path }) => path === '/me' && { answer: { statusCode: 200, data: failure } }
    const { called, value } = await call('/me')
    return [called, value.type, value.message, at('/me').length]
  },
  async 'a wx.login that fails'({ wafer, phone, call }) {
    phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
    const { called, value } = await outcome(wafer.login)
    const second = await call('/me', { login: true })
    return [called, value.type, value.message, value instanceof wafer.LoginError, second.called, Boolean(value.detail)]
  },
  async 'a wx.getUserInfo that fails'({ wafer, counts }) {
    counts.failing = true
    const { called, value } = await outcome(wafer.login)
    return [called, value.type, value.message]
  },
  async 'a code that WeChat refuses'({ wafer, wechat, url }) {
    wechat.isRefusing = true
    const { called, value } = await outcome(wafer.login)
    return [called, value.type, value.message.split(url).join('')]
  },
  async 'a call that wx fails'({ call, phone }) {
    phone.hooks.request = () => ({ fail: { errMsg: 'request:fail broken', errno: 1 } })
    const { called, value } = await call('/me')
    return [called, value.errMsg, value.errno]
  },
  async 'options that are none'({ wafer }) {
    try {
      wafer.request('/me')
      return 'nothing'
    } catch (error) {
      return [error.type, error instanceof wafer.RequestError]
    }
  },
  async 'no login URL'({ wafer, url }) {
    wafer.setLoginUrl('')
    const login = await outcome(wafer.login)
    const call = await outcome(wafer.request, { url: `${url}/free` })
    return [login.called, login.value.type, login.value.message, call.called, call.value.data]
  },
}
for (const story of Object.keys(STORIES)) {
  test(`it does as the SDK that it replaces: ${story}`, async () => {
    const [ours, theirs] = [await startClient(), await startClient(nodeSession, { old: 'wafer-client-sdk' })]
    // Both servers are in one process, and share a function.
    const found = await STORIES[story](await startClient())
    const expected = await STORIES[story](await startClient(nodeSession, { old: 'wafer-client-sdk' }))
    equal(found, expected)
    void [ours, theirs]
  })
}

test('its constants are those of the SDK', async () => {
  const { wafer } = await startClient()
  const theirs = require('wafer-client-sdk/lib/constants')
  const names = Object.keys(theirs).filter((name) => /^ERR_/.test(name) && name !== 'ERR_LOGIN_TIMEOUT')
  equal(
    names.map((name) => [name, wafer[name]]),
    names.map((name) => [name, theirs[name]]),
  )
})

test('a call without a session that the server asks one of signs in', async () => {
  const { call, wechat, phone } = await startClient(serverSdk)
  const data = { a: 1 }
  const called = call('/me', { method: 'POST', data })
  data.a = 2
  const { value } = await called
  equal([value.data.openId, phone.counts.logins], [wechat.openId, 1])
  equal(
    phone.requests.filter(({ path }) => path === '/me').map(({ bytes }) => String.fromCharCode(...bytes)),
    Array(2).fill('{"a":1}'),
  )
})

test('requesting the login URL is no failure', async () => {
  const { wafer, phone, call } = await startClient()
  await outcome(wafer.login)
  const data = { 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A': 1, session: { id: 'id', skey: 'skey' } }
  phone.hooks.request = ({ path }) => path === '/login' && { answer: { statusCode: 200, data } }
  equal((await call('/login', { login: true })).called, ['success', 'complete'])
})

test('the session and the user survive a restart', async () => {
  const world = await startClient()
  const first = await outcome(world.wafer.login)
  const { phone, client } = world.restarted('wafer')
  client.setLoginUrl(`${world.url}/login`)
  equal(await outcome(client.login), first)
  const { value } = await outcome(client.request, { url: `${world.url}/me` })
  equal([value.data.openId, phone.counts.logins, phone.counts.requests], [world.wechat.openId, 0, 1])
})

test('a storage that fails, or that the program clears, costs no sign-in its user', async () => {
  const { wafer, phone, wechat, call } = await startClient()
  const { setStorageSync, getStorageSync } = phone.wx
  phone.wx.setStorageSync = phone.wx.getStorageSync = () => {
    throw new Error('storage is broken')
  }
  const { called, value } = await outcome(wafer.login)
  equal([called, value.nickName], [['success'], wechat.userInfo().userInfo.nickName])
  equal((await call('/me', { login: true })).value.data.openId, wechat.openId)
  Object.assign(phone.wx, { setStorageSync, getStorageSync })
  phone.wx.clearStorageSync && phone.wx.clearStorageSync()
  equal((await outcome(wafer.login)).value.nickName, value.nickName)
})

test('a cleared session stays cleared over a restart', async () => {
  const world = await startClient()
  await outcome(world.wafer.login)
  world.wafer.clearSession()
  const { phone, client } = world.restarted('wafer')
  client.setLoginUrl(`${world.url}/login`)
  equal((await outcome(client.request, { url: `${world.url}/free` })).value.data, { isSignedIn: false })
  equal((await outcome(client.request, { url: `${world.url}/me`, login: true })).value.statusCode, 200)
  equal(phone.counts.logins, 1)
})

test('the server gets the headers of the protocol, and no other of ours', async () => {
  const { call, at } = await startClient()
  await call('/me', { login: true })
  const names = (path) => Object.keys(at(path)[0].header).filter((name) => /^[A-Z]/.test(name))
  equal(
    [names('/login'), names('/me')],
    [
      ['X-WX-Code', 'X-WX-Encrypted-Data', 'X-WX-IV'],
      ['X-WX-Id', 'X-WX-Skey'],
    ],
  )
})

test('a sign-in that no server answers does not repeat what one has answered before', async () => {
  const { wafer, wechat, phone } = await startClient()
  wechat.isRefusing = true
  equal((await outcome(wafer.login)).value.type, 'ERR_LOGIN_MISSING_SESSION')
  phone.hooks.request = () => ({ fail: { errMsg: 'request:fail' } })
  equal((await outcome(wafer.login)).value.type, 'ERR_LOGIN_FAILED')
})

test('a session that comes too late is left to expire, and nothing is sent for it', async () => {
  const world = await startClient()
  world.wafer.setLoginUrl(`${world.url}/login`, { exchangeTimeout: 1000 })
  let isFirst = true
  const data = { 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A': 1, session: { id: 'late', skey: 'skey' } }
  world.phone.hooks.request = ({ path }) => {
    if (path !== '/login' || !isFirst) return undefined
    isFirst = false
    return { answer: { statusCode: 200, data }, late: 2500 }
  }
  equal((await world.call('/me', { login: true })).called, ['success', 'complete'])
  await new Promise((resolve) => setTimeout(resolve, 2000))
  equal(
    world.phone.requests.map(({ method, path }) => [method, path]),
    [
      ['GET', '/login'],
      ['GET', '/login'],
      ['GET', '/me'],
    ],
  )
})

test('a key that another sign-in has made old is fetched anew', async () => {
  const { wafer, wechat, phone } = await startClient()
  const { userInfo } = wechat
  let isFirst = true
  wechat.userInfo = () => {
    const made = userInfo()
    if (isFirst) made.iv = 'AAAA'
    isFirst = false
    return made
  }
  const { called } = await outcome(wafer.login)
  equal([called, phone.counts.logins], [['success'], 2])
})

test('the session goes to the origin of the login URL and to those that the program names', async () => {
  const world = await startClient()
  const other = world.url.replace('127.0.0.1', 'localhost')
  await outcome(world.wafer.login)
  await outcome(world.wafer.request, { url: `${other}/free` })
  const { restarted, url } = world
  const { client } = restarted('wafer')
  client.setLoginUrl(`${url}/login`, { origins: [other] })
  const { value } = await outcome(client.request, { url: `${other}/free` })
  equal([value.data, world.at('/free').map(({ header }) => 'X-WX-Skey' in header)], [{ isSignedIn: true }, [false]])
})
