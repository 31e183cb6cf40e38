/* Each recipe for another server, against a stand-in that behaves as that server does by default. */
'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { page } = require('./page')
const { createTokens } = require('./services/other/tokens')
const { start } = require('./start')

const test = group('other servers')

/** The recipe's file, the name that its server answers with, and whether it has a sign-out. */
const SERVERS = [
  ['ruoyi', '若依'],
  ['yudao', '芋道'],
  ['sa-token', 'Sa'],
  ['spring', 'Spring'],
  ['django', 'Django'],
  ['laravel', 'Laravel'],
  ['thinkphp', 'ThinkPHP'],
  ['gin', 'gin'],
  ['nest', 'Nest', 'has no sign-out'],
  ['cookie', 'Cookie'],
  ['wecom', 'WeCom'],
]

/** Starts a mini program with a recipe, and the server that the recipe is for. */
async function startServer(name) {
  const tokens = createTokens()
  const app = require(`./services/other/${name}`)(tokens)
  const { phone, run, url } = await start(page('other-servers'), { app })
  if (name === 'wecom') {
    const { login } = phone.wx
    const qy = { login: ({ success, fail }) => login({ success: ({ code }) => success({ code: `qy-${code}` }), fail }) }
    Object.assign(phone.wx, { qy })
  }
  return { app, phone, tokens, url, session: run(`${name}.js`) }
}

/** The body in which a server wraps its data, without the wrapping. */
const nameIn = ({ data }) => (data.data || data).name

for (const [name, answer, hasNoSignOut] of SERVERS) {
  test(`${name}: one sign-in, one renewal when the session has expired, and a sign-out`, async () => {
    const { session, tokens } = await startServer(name)
    const calls = () => Promise.all([1, 2, 3].map(() => session.request({ url: '/me' })))
    equal((await calls()).map(nameIn), [answer, answer, answer])
    equal(tokens.counts(), { signIns: 1, ended: 0 })
    tokens.expire()
    equal((await calls()).map(nameIn), [answer, answer, answer])
    equal(tokens.counts(), { signIns: 2, ended: 0 })
    await session.login({ force: true })
    equal(tokens.counts().signIns, 3)
    await session.logout()
    equal([tokens.counts().ended, session.state], [hasNoSignOut ? 0 : 1, 'signed-out'])
    equal((await session.request({ url: '/me' }).catch((error) => error)).code, 'signed_out')
  })
}

for (const [name, path] of [
  ['spring', '/auth/wechat'],
  ['django', '/api/wx/login/'],
]) {
  test(`${name}: a sign-in that presented the expired token would be refused before the route`, async () => {
    const { phone, session, tokens, url } = await startServer(name)
    await session.login()
    await session.login({ force: true })
    const signIns = phone.requests.filter((request) => request.path === path)
    equal(
      signIns.map(({ header }) => 'Authorization' in header),
      [false, false],
    )
    tokens.expire()
    const { statusCode } = await new Promise((success, fail) =>
      phone.wx.request({
        url: url + path,
        method: 'POST',
        data: { code: 'fresh' },
        header: { Authorization: 'Bearer token-1' },
        success,
        fail,
      }),
    )
    equal([statusCode, tokens.counts().signIns], [401, 2])
  })
}

for (const [message, code] of [
  ['token 已被顶下线', 'session_replaced'],
  ['token 已被踢下线', 'session_revoked'],
]) {
  test(`sa-token: after "${message}" nobody is signed in again silently`, async () => {
    const { app, session, tokens } = await startServer('sa-token')
    await session.login()
    app.because(message)
    tokens.expire()
    equal((await session.request({ url: '/me' })).data.msg, message)
    equal([session.state, (await session.request({ url: '/me' }).catch((error) => error)).code], ['ended', code])
    equal(tokens.counts().signIns, 1)
  })
}

test('a sign-in that a server refuses with status 200 is told in its own words', async () => {
  const { app, session, tokens } = await startServer('ruoyi')
  equal(typeof app, 'function')
  tokens.issue = () => undefined
  const { code, problem } = await session.login().catch((error) => error)
  equal([code, problem], ['bad_answer', { code: 500, msg: '小程序登录失败', data: null }])
})
