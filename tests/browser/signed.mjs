// Signed requests of a page, with the real server that demands them behind the documented nginx.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import test from 'node:test'
import login from '../../simulator/phone/login-at.js'
import { allowing } from './nginx.mjs'
import { opened, PAGE } from './world.mjs'

const { SERVER = '', WECHAT: wechat = '' } = process.env
const APP = { appid: 'wx5e55105e55105e55', secret: '51a51a51a51a51a51a51a51a51a51a51' }
/** The headers of a signature, as js/docs/browser.md names them. */
const HEADERS = ['content-digest', 'signature', 'signature-input']
const HOUR = 3600000

/** @type {Awaited<ReturnType<typeof allowing>>} */
let api
/** @type {Awaited<ReturnType<typeof started>>} */
let server

test.before(async () => {
  server = await started()
  api = await allowing({ page: PAGE, api: server.url, headers: HEADERS })
})
test.after(async () => {
  await api?.stop()
  server?.stop()
})

/** The program, with signed requests demanded. */
async function started() {
  const options = ['--appid', APP.appid, '--wechat-api', wechat, '--store', 'memory', '--proof', 'required']
  const child = spawn(SERVER, ['--listen', '127.0.0.1:0', ...options], {
    env: { ...process.env, WXSESSION_SECRET: APP.secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    const hear = (part) => {
      output += part
      const [, url] = /listening on (http:[^\s\x1b]+)/.exec(output) ?? []
      if (url) resolve(url)
    }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', hear)
    child.once('error', reject)
    child.once('close', () => reject(new Error(`${SERVER} ended: ${output}`)))
  })
  return { url, stop: () => child.kill() }
}

let users = 0

/** A page of a new user, and what it sends besides preflights. */
async function openedFor(t, isSigned, prepare = async (/** @type {any} */ _context) => {}) {
  const newCode = login.loginAt(wechat, { user: `signing ${++users}` })
  const page = await opened(t, async (context) => {
    await context.exposeFunction('newCode', newCode)
    await prepare(context)
  })
  const sent = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    if (origin === api.url && request.method() !== 'OPTIONS') sent.push({ request, pathname })
  })
  await start(page, isSigned)
  return { page, count: (path) => sent.filter(({ pathname }) => pathname === path).length, sent }
}

/** Makes the session in a page, as a program does when it starts. */
const start = (page, isSigned = true) =>
  page.evaluate(
    ([api, isSigned]) => {
      const loginUrl = `${api}/wx/onlogin`
      const host = browser({ login: () => window.newCode() })
      window.session = createSession({ loginUrl, host: isSigned ? signed(host, loginUrl) : host })
    },
    [api.url, isSigned],
  )

/** The statuses of so many calls at once, whose targets no two platforms would escape alike. */
const alive = (page, count = 1) =>
  page.evaluate(async (count) => {
    const url = "/wx/session?茶='a b'&c=d%20e"
    const calls = Array.from({ length: count }, () => window.session.request({ url }))
    const answers = await Promise.allSettled(calls)
    return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.statusCode : answer.reason.code))
  }, count)

test('twenty calls of a page that signs make one sign-in, and the next page goes on with the key', async (t) => {
  const { page, count } = await openedFor(t, true)
  assert.deepEqual(await alive(page, 20), Array(20).fill(200))
  await page.reload()
  await start(page)
  assert.deepEqual(await alive(page), [200])
  assert.deepEqual([count('/wx/onlogin'), count('/wx/session')], [1, 21])
})

test('the id alone is worth nothing, nor is a captured request', async (t) => {
  const { page, sent } = await openedFor(t, true)
  const { statusCode } = await page.evaluate(() =>
    window.session.request({ url: '/wx/logout?others=true', method: 'POST', data: { 茶: '茶' } }),
  )
  assert.equal(statusCode, 204)
  const { request } = sent[sent.length - 1]
  const { sessionid, ...headers } = await request.allHeaders()
  const thief = async (headers) => {
    const method = 'POST'
    const answer = await fetch(request.url(), { method, headers, body: request.postData() })
    return [answer.status, /** @type {any} */ (await answer.json()).code]
  }
  const proof = Object.fromEntries(HEADERS.map((name) => [name, headers[name]]))
  assert.deepEqual(await thief({ sessionid }), [403, 'proof_missing'])
  assert.deepEqual(await thief({ sessionid, ...proof }), [403, 'proof_replayed'])
})

test('a clock that somebody sets during a session costs one more request, once', async (t) => {
  const { page, count } = await openedFor(t, true, (context) => context.clock.install())
  assert.deepEqual(await alive(page), [200])
  await page.clock.setSystemTime(Date.now() + HOUR)
  assert.deepEqual(await alive(page), [200])
  assert.deepEqual(await alive(page, 3), [200, 200, 200])
  assert.deepEqual([count('/wx/onlogin'), count('/wx/session')], [1, 6])
})

test('a page that does not sign is told to', async (t) => {
  const { page } = await openedFor(t, false)
  const failed = await page.evaluate(() =>
    window.session.login().catch(({ code, problem }) => [code, problem && problem.code]),
  )
  assert.deepEqual(failed, ['exchange_rejected', 'proof_required'])
})
