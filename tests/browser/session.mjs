// A session in a browser, with the real server behind the documented nginx.

import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import test from 'node:test'
import { WebSocketServer } from 'ws'
import login from '../../simulator/phone/login-at.js'
import { allowing } from './nginx.mjs'
import { opened, PAGE, serve } from './world.mjs'

const { API: server = '', WECHAT: wechat = '' } = process.env

/** @type {Awaited<ReturnType<typeof allowing>>} */
let api

test.before(async () => {
  api = await allowing({ page: PAGE, api: server })
})
test.after(() => api.stop())

let users = 0

/** A page with a new user's session, and how often each path was called. */
async function signedOut(t, options = {}, prepare = async (/** @type {any} */ _context) => {}) {
  const newCode = login.loginAt(wechat, { user: `browser ${++users}` })
  const calls = {}
  const page = await opened(t, async (context) => {
    await context.exposeFunction('newCode', newCode)
    await prepare(context)
  })
  const count = (page) =>
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url())
      if (origin === api.url && request.method() !== 'OPTIONS') calls[pathname] = (calls[pathname] ?? 0) + 1
    })
  count(page)
  await start(page, options)
  return { page, calls, count }
}

/** Makes the session in a page, as a program does when it starts. */
const start = (page, options = {}) =>
  page.evaluate(
    ([api, options]) => {
      window.session = createSession({
        loginUrl: `${api}/wx/onlogin`,
        host: browser({ login: () => window.newCode() }),
        ...options,
      })
    },
    [api.url, options],
  )

/** The statuses of so many calls at once. */
const list = (page, count = 1) =>
  page.evaluate(async (count) => {
    const calls = Array.from({ length: count }, () => window.session.request({ url: '/wx/products/list' }))
    const answers = await Promise.allSettled(calls)
    return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.statusCode : answer.reason.code))
  }, count)

const idIn = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('wxsession')).id)

/** Ends the session at the server, behind the page's back. */
const endAtServer = async (page) =>
  fetch(`${server}/wx/logout`, { method: 'POST', headers: { sessionid: await idIn(page) } })

test('twenty calls at the start make one sign-in, and twenty refusals make one more', async (t) => {
  const { page, calls } = await signedOut(t)
  const all = Array(20).fill(200)
  assert.deepEqual(await list(page, 20), all)
  assert.deepEqual(calls, { '/wx/onlogin': 1, '/wx/products/list': 20 })
  await endAtServer(page)
  assert.deepEqual(await list(page, 20), all)
  assert.deepEqual(calls, { '/wx/onlogin': 2, '/wx/products/list': 60 })
})

test('the next page goes on with the session', async (t) => {
  const { page, calls } = await signedOut(t)
  assert.deepEqual(await list(page), [200])
  await page.reload()
  await start(page)
  assert.equal(await page.evaluate(() => window.session.state), 'signed-in')
  assert.deepEqual(await list(page), [200])
  assert.equal(calls['/wx/onlogin'], 1)
})

test('a sign-out ends the session here, on the server and in the next page', async (t) => {
  const { page } = await signedOut(t)
  assert.deepEqual(await list(page), [200])
  const sessionid = await idIn(page)
  await page.evaluate(() => window.session.logout())
  assert.equal((await fetch(`${server}/wx/session`, { headers: { sessionid } })).status, 401)
  assert.deepEqual(await list(page), ['signed_out'])
  await page.reload()
  await start(page)
  assert.deepEqual(await list(page), ['signed_out'])
  await page.evaluate(() => window.session.login())
  assert.deepEqual(await list(page), [200])
})

test('a refusal is understood by its header, which the server exposes, where the body does not name it', async (t) => {
  const { page } = await signedOut(t)
  assert.deepEqual(await list(page), [200])
  await page.route(/products/, (route) =>
    route.fulfill({
      status: 401,
      headers: {
        'access-control-allow-origin': PAGE,
        'access-control-expose-headers': 'www-authenticate',
        'www-authenticate': 'WxSession error="session_replaced"',
      },
    }),
  )
  assert.deepEqual(await list(page), [401])
  assert.equal(await page.evaluate(() => window.session.state), 'ended')
})

test('a page that nginx does not allow fails to sign in, and the cause names CORS', async (t) => {
  const stranger = await allowing({ page: 'https://elsewhere.example', api: server })
  t.after(() => stranger.stop())
  const { page } = await signedOut(t, { loginUrl: `${stranger.url}/wx/onlogin` })
  const error = await page.evaluate(() => window.session.login().catch(({ code, errMsg }) => ({ code, errMsg })))
  assert.deepEqual(error, { code: 'network', errMsg: 'request:fail no network, or CORS does not allow this page' })
})

test('a storage that throws costs nothing but the next page’s session', async (t) => {
  const prepare = (context) =>
    context.addInitScript(() =>
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError')
        },
      }),
    )
  const { page, calls } = await signedOut(t, {}, prepare)
  assert.deepEqual(await list(page, 2), [200, 200])
  assert.equal(calls['/wx/onlogin'], 1)
  await page.evaluate(() => window.session.logout())
  assert.deepEqual(await list(page), ['signed_out'])
})

test('two tabs: a renewal in one costs the other a renewal of its own, and no call', async (t) => {
  const { page, calls, count } = await signedOut(t)
  assert.deepEqual(await list(page), [200])
  const other = await page.context().newPage()
  count(other)
  await other.goto(PAGE)
  await start(other)
  assert.deepEqual(await list(other), [200])
  await endAtServer(page)
  for (const tab of [page, other, page, other]) assert.deepEqual(await list(tab, 5), Array(5).fill(200))
  assert.equal(calls['/wx/onlogin'], 3)
})

test('two tabs: one that follows is signed out with the other, and not by a renewal', async (t) => {
  const { page } = await signedOut(t)
  assert.deepEqual(await list(page), [200])
  const other = await page.context().newPage()
  await other.goto(PAGE)
  await start(other)
  await other.evaluate(() => {
    window.stopFollowing = followSignOut(window.session)
    window.addEventListener('storage', ({ key }) => (window.hasHeard = key === 'other'))
  })
  await endAtServer(page)
  assert.deepEqual(await list(page), [200])
  await page.evaluate(() => localStorage.setItem('other', '{"ended":6}'))
  await other.waitForFunction(() => window.hasHeard)
  assert.deepEqual(await list(other), [200])
  await page.evaluate(() => window.session.logout())
  await other.waitForFunction(() => window.session.state === 'signed-out')
  assert.deepEqual(await list(other), ['signed_out'])
  await other.evaluate(() => window.stopFollowing())
  for (const tab of [other, page]) await tab.evaluate(() => window.session.login())
  await page.evaluate(() => window.session.logout())
  assert.deepEqual(await list(other), [200])
})

test('without a login of the app’s a user signs in by what they type, and the server says when to ask again', async (t) => {
  const posts = []
  const own = await serve(async (request, response) => {
    const allow = { 'access-control-allow-origin': PAGE, 'access-control-allow-headers': 'content-type, sessionid' }
    for (const [name, value] of Object.entries(allow)) response.setHeader(name, value)
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    let body = ''
    for await (const part of request) body += part
    response.setHeader('content-type', 'application/json')
    if (request.url !== '/h5/onlogin') return response.writeHead(401).end('{"code":"session_expired"}')
    posts.push({ ...JSON.parse(body), presented: request.headers.sessionid })
    const isRight = posts[posts.length - 1].digits === '493021'
    response.writeHead(isRight ? 200 : 401)
    return response.end(isRight ? '{"sessionid":"first"}' : '{"code":"sign_in_needed"}')
  })
  const { page } = await signedOut(t)
  const found = await page.evaluate(async (url) => {
    const session = createSession({
      loginUrl: `${url}/h5/onlogin`,
      host: browser(),
      signIn: 'manual',
      storageKey: 'own',
    })
    const before = await session.request({ url: '/orders' }).catch(({ code }) => code)
    await session.login({ method: 'sms', phone: '+8613800138000', digits: '493021' })
    const after = await session.request({ url: '/orders' }).then(
      ({ statusCode }) => statusCode,
      ({ code }) => code,
    )
    return { before, after, state: session.state }
  }, own.url)
  assert.deepEqual(found, { before: 'sign_in_needed', after: 'sign_in_needed', state: 'ended' })
  assert.deepEqual(
    posts.map(({ method, phone, presented }) => ({ method, phone, presented })),
    [
      { method: 'sms', phone: '+8613800138000', presented: undefined },
      { method: undefined, phone: undefined, presented: 'first' },
    ],
  )
  assert.notEqual(posts[0].code, posts[1].code)
})

test('signed requests leave a browser as they were signed', async (t) => {
  const key = Buffer.alloc(32, 7)
  const came = []
  const own = await serve(async (request, response) => {
    const names = 'content-type, content-digest, sessionid, signature, signature-input'
    response.setHeader('access-control-allow-origin', PAGE)
    response.setHeader('access-control-allow-headers', names)
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    const parts = []
    for await (const part of request) parts.push(part)
    const { method, url, headers } = request
    if (url !== '/h5/onlogin') came.push({ method, url, headers, body: Buffer.concat(parts) })
    response.setHeader('content-type', 'application/json')
    const now = Math.floor(Date.now() / 1000)
    return response.end(JSON.stringify({ sessionid: 'first', key: key.toString('base64url'), now }))
  })
  const page = await opened(t)
  await page.evaluate(async (url) => {
    const loginUrl = `${url}/h5/onlogin`
    const session = createSession({ loginUrl, host: signed(browser(), loginUrl), storageKey: 'signed' })
    await session.request({ url: '/orders/龙井 1?a=1', method: 'POST', data: { name: '龙井', count: 2 } })
    await session.request({ url: '/orders', data: { name: "龙井's", list: [1] } })
  }, own.url)
  assert.deepEqual(
    came.map(({ method }) => method),
    ['POST', 'GET'],
  )
  for (const { method, url, headers, body } of came) {
    const [path, query] = url.split('?')
    const parameters = headers['signature-input'].replace(/^wx=/, '')
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
    if (method === 'POST') assert.equal(headers['content-digest'], digest)
    const lines = [`"@method": ${method}`, `"@path": ${path}`, `"@query": ?${query}`]
      .concat(method === 'POST' ? [`"content-digest": ${digest}`] : [], `"@signature-params": ${parameters}`)
      .join('\n')
    assert.equal(headers.signature, `wx=:${createHmac('sha256', key).update(lines).digest('base64')}:`)
  }
})

test('a socket carries the session in a subprotocol, and a close with 4401 renews', async (t) => {
  const offered = []
  const live = await serve(() => {})
  const sockets = new WebSocketServer({ server: live.server, handleProtocols: () => 'live' })
  t.after(() => sockets.close())
  sockets.on('connection', (socket, request) => {
    offered.push(request.headers['sec-websocket-protocol'])
    socket.on('message', () => socket.close(4401))
  })
  const { page, calls } = await signedOut(t)
  await page.evaluate(
    (options) => {
      const socketProtocols = ({ sessionid }) => ['live', `sessionid.${sessionid}`]
      window.calls = createSession({ ...options, host: browser({ login: () => window.newCode(), socketProtocols }) })
    },
    { loginUrl: `${api.url}/wx/onlogin`, origins: [live.url], storageKey: 'live' },
  )
  const closed = () =>
    page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = window.calls.connectSocket({ url })
          socket.onOpen(() => socket.send({ data: 'end' }))
          socket.onClose(resolve)
        }),
      live.url.replace('http', 'ws'),
    )
  assert.equal((await closed()).code, 4401)
  assert.equal((await closed()).code, 4401)
  const ids = offered.map((names) => /^live, ?sessionid\.([\w-]{76})$/.exec(names)[1])
  assert.notEqual(ids[0], ids[1])
  assert.equal(calls['/wx/onlogin'], 2)
})

test('a socket without subprotocols fails with the remedy', async (t) => {
  const { page } = await signedOut(t)
  const error = await page.evaluate(
    () =>
      new Promise((resolve) =>
        window.session.connectSocket({ url: '/live', fail: ({ code, errMsg }) => resolve({ code, errMsg }) }),
      ),
  )
  assert.equal(error.code, 'request_failed')
  assert.match(error.errMsg, /set socketProtocols, or pass auth: false$/)
})
