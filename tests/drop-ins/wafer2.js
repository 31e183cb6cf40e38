'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { nodeSdk } = require('./servers/wafer2')
const { outcome, start } = require('./start')

const test = group('wafer2')

async function startClient(options) {
  const world = await start(nodeSdk, options)
  const client = world.client('wafer2')
  client.setLoginUrl(`${world.url}/weapp/login`)
  return { ...world, wafer: client, call: (path, more) => outcome(client.request, { url: world.url + path, ...more }) }
}

const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))
const OLD = { old: 'wafer2-client-sdk' }

test('twenty first calls of a known user sign in once, and once more when the session has ended', async () => {
  const world = await startClient()
  await outcome(world.wafer.login)
  world.wafer.clearSession()
  const { phone, client } = world.restarted('wafer2')
  client.setLoginUrl(`${world.url}/weapp/login`)
  const call = (more) => outcome(client.request, { url: `${world.url}/weapp/user`, ...more })
  const cold = await times(20, () => call({ login: true }))
  equal([phone.counts.logins, phone.counts.requests], [1, 21])
  world.service.expire()
  const late = await times(20, () => call())
  equal([phone.counts.logins, phone.counts.requests], [2, 62])
  ok(
    [...cold, ...late].every(({ value }) => value.data.data.openId === world.wechat.openId),
    'all have their answers',
  )
})

test('twenty first calls that ask for no session are refused, and sign in once', async () => {
  const world = await startClient()
  await outcome(world.wafer.login)
  world.wafer.clearSession()
  const answers = await times(20, () => world.call('/weapp/user'))
  equal([answers.every(({ called }) => called[0] === 'success'), world.phone.counts.logins], [true, 2])
})

/** What both must do alike. */
const STORIES = {
  async 'signing in'({ wafer, phone }) {
    const first = await outcome(wafer.login)
    first.value.openId = 'the user'
    const kept = Object.keys(wafer.Session.get()).filter((name) => /^(skey|userinfo|time)$/.test(name))
    const again = await outcome(wafer.loginWithCode)
    wafer.clearSession()
    return [first, kept, again.called, wafer.Session.get(), phone.counts.logins]
  },
  async 'signing in a user whom the server does not know, with the code alone'({ wafer, call }) {
    const alone = await outcome(wafer.loginWithCode)
    const called = await call('/weapp/user', { login: true })
    const free = await call('/weapp/free')
    return [alone.called, alone.value.message, called.called, called.value.message, free.value.data]
  },
  async 'a call as the program made it'({ wafer, call, at }) {
    await outcome(wafer.login)
    const header = { 'X-Mine': 'mine' }
    const { called, value } = await call('/weapp/free?a=1', { method: 'POST', data: { b: [1] }, header })
    const [{ method, bytes, header: sent, url }] = at('/weapp/free')
    return [
      called,
      value.data,
      method,
      String.fromCharCode(...bytes),
      sent['X-Mine'],
      Boolean(sent['X-WX-Skey']),
      url.slice(-4),
    ]
  },
  async 'a session that has ended'({ wafer, service, call, at }) {
    await outcome(wafer.login)
    service.expire()
    const { called, value } = await call('/weapp/user')
    return [called, value.data.code, at('/weapp/login').length, at('/weapp/user').length]
  },
  async 'a refusal by the status'({ wafer, service, call, at }) {
    await outcome(wafer.login)
    service.expire()
    const { called, value } = await call('/weapp/guarded')
    return [called, value.data.code, at('/weapp/login').length, at('/weapp/guarded').length]
  },
  async 'a session that is refused again'({ wafer, call, phone }) {
    await outcome(wafer.login)
    const data = { code: -1, error: 'ERR_SKEY_INVALID' }
    phone.hooks.request = ({ path }) => path === '/weapp/user' && { answer: { statusCode: 200, data } }
    const { called, value } = await call('/weapp/user')
    return [called, value.type, value.message, value instanceof wafer.RequestError]
  },
  async 'a wx.login that fails'({ wafer, phone }) {
    phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
    const { called, value } = await outcome(wafer.login)
    return [called, value.message, phone.counts.logins]
  },
  async 'a wx.getUserInfo that fails'({ wafer, counts }) {
    counts.failing = true
    const { called, value } = await outcome(wafer.login)
    return [called, value.message]
  },
  async 'a code that WeChat refuses'({ wafer, wechat }) {
    wechat.isRefusing = true
    const { called, value } = await outcome(wafer.login)
    return [called, value.message]
  },
  async 'no login URL'({ wafer }) {
    wafer.setLoginUrl('')
    const { called, value } = await outcome(wafer.login)
    return [called, value.message]
  },
}
for (const story of Object.keys(STORIES)) {
  test(`it does as the SDK that it replaces: ${story}`, async () => {
    const found = await STORIES[story](await startClient())
    equal(found, await STORIES[story](await startClient(OLD)))
  })
}

test('a wx.login that fails fails a sign-in by the code alone', async () => {
  const { wafer, phone, call } = await startClient()
  phone.hooks.login = () => ({ fail: { errMsg: 'login:fail' } })
  equal((await outcome(wafer.loginWithCode)).value.message, '微信登录失败，请检查网络状态')
  equal((await call('/weapp/user', { login: true })).called, ['fail', 'complete'])
})

test('a sign-in with the user’s data beside one by the code alone succeeds', async () => {
  const { wafer, wechat } = await startClient()
  const [alone, full] = await Promise.all([outcome(wafer.loginWithCode), outcome(wafer.login)])
  equal([full.called, full.value.openId], [['success'], wechat.openId])
  void alone
})

test('a sign-in with the user’s data that comes after the code was sent is tried again', async () => {
  const { wafer, at } = await startClient()
  const alone = outcome(wafer.loginWithCode)
  while (at('/weapp/login').length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  equal((await outcome(wafer.login)).called, ['success'])
  equal((await alone).called, ['fail'])
})

test('its constants are those of the SDK', async () => {
  const { wafer } = await startClient()
  const theirs = require('wafer2-client-sdk/lib/constants')
  const names = Object.keys(theirs).filter((name) => /^ERR_/.test(name) && name !== 'ERR_LOGIN_TIMEOUT')
  equal(
    names.map((name) => [name, wafer[name]]),
    names.map((name) => [name, theirs[name]]),
  )
})
