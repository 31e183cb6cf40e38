/* The program wxsession-server, the documented nginx, a backend that knows neither, and phones with old clients. */
'use strict'

const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')
const { parseArgs } = require('util')
const { loginAt, platform, startPhone } = require('../../simulator/phone')
const { freePort, listens, start, startNginx } = require('../own-users/processes')
const { equal } = require('../package/assert')
const { afterwards } = require('../package/runner')

const text = /** @type {const} */ ({ type: 'string', multiple: false })
const { values: given } = parseArgs({ options: { package: text, server: text, wechat: text, only: text } })
if (!given.package || !given.server || !given.wechat) {
  throw new Error('usage: main.js --package PROGRAM --server FILE --wechat URL')
}
const ROOT = given.package.replace(/\/$/, '')
const DOCUMENT = path.join(__dirname, '../../service/docs/old-clients.md')
const APP = { appid: 'wx5e55105e55105e55', secret: '51a51a51a51a51a51a51a51a51a51a51' }
const PROFILE = { nickName: 'Alice 王小明 😀&=+%', gender: 1, avatarUrl: 'https://wx.example/0' }

/** Everything but the phones. */
async function open() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'old-clients-'))
  afterwards(async () => fs.rmSync(folder, { recursive: true, force: true }))
  const [listener, internal] = [await freePort(), await freePort()]
  const options = ['--compat', 'weapp-session,wafer,wafer2', '--appid', APP.appid, '--wechat-api', given.wechat]
  const addresses = ['--listen', `127.0.0.1:${listener}`, '--internal', `127.0.0.1:${internal}`]
  const command = [given.server, ...options, ...addresses, '--store', 'memory', '--log', 'debug']
  const serve = async () => {
    const server = start(command, { WXSESSION_SECRET: APP.secret })
    await server.until((output) => /^internal listener on /m.test(output))
    return server
  }
  let server = await serve()
  const printed = []
  const backend = await startBackend()
  const proxy = await startProxy(folder, (proxy) => documented({ listener, internal, backend, proxy }))

  return {
    url: `http://127.0.0.1:${proxy}`,
    /** Ends all sessions of a user, as an administrator does. */
    async end(openid) {
      const body = JSON.stringify({ appid: APP.appid, openid })
      const headers = { 'content-type': 'application/json' }
      const { status } = await fetch(`http://127.0.0.1:${internal}/sessions/end`, { method: 'POST', headers, body })
      equal(status, 204)
    },
    /** What has been counted. */
    measures: async () => (await fetch(`http://127.0.0.1:${internal}/metrics`)).text(),
    async stopServer() {
      await server.stop('SIGKILL')
      printed.push(server.output())
    },
    async startServer() {
      server = await serve()
    },
    /** What the program has printed, its log included. */
    printed: () => [...printed, server.output()].join(''),
    /** @param {string} name @param {string} [module] The file of the old client, if there is one. */
    phone: (name, module) => phoneOf(`${path.basename(folder)} ${name}`, module),
  }
}

/** A phone whose program has an old client as `vendor/index`. */
function phoneOf(user, module) {
  const folder = module && path.dirname(module)
  const vendored = `${ROOT}/vendor`
  const counts = { userInfo: 0 }
  const readText = (name) => {
    if (!folder || !name.startsWith(vendored)) return platform.readText(name)
    const inside = name.slice(vendored.length)
    return platform.readText(inside === '/index.js' ? module : folder + inside)
  }
  const phone = startPhone({
    root: ROOT,
    newCode: loginAt(given.wechat, { user }),
    platform: Object.assign({}, platform, { readText }),
  })
  const none = () => {}
  Object.assign(phone.wx, {
    async getUserInfo({ success, fail }) {
      counts.userInfo++
      const encrypted = await control('encrypt', { user, data: PROFILE }).catch(none)
      if (!encrypted) fail({ errMsg: 'getUserInfo:fail' })
      else success({ userInfo: PROFILE, errMsg: 'getUserInfo:ok', ...encrypted })
    },
    checkSession: ({ success }) => success(),
    onSocketOpen: none,
    onSocketMessage: none,
    onSocketError: none,
    onSocketClose: none,
  })
  afterwards(() => {
    phone.stop()
    equal(
      phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
      [],
    )
  })
  return {
    phone,
    counts,
    user,
    old: () => phone.require('./vendor/index'),
    /** The requests to a path. */
    at: (name) => phone.requests.filter(({ path }) => path === name),
    block: () => control('users', { user, blocked: true }),
  }
}

/** Plays what happens at WeChat. */
async function control(what, body) {
  const headers = { 'content-type': 'application/json' }
  const url = `${given.wechat}/simulator/${what}`
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const told = await answer.text()
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${told}`)
  return told && JSON.parse(told)
}

/** How many codes WeChat has been asked to exchange. */
async function exchanges() {
  const counts = await fetch(`${given.wechat}/simulator/counts`)
  return /** @type {any} */ (await counts.json()).exchanges
}

/** Answers with whom it takes the caller for, as backends of all three kinds do. */
function startBackend() {
  const server = http.createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    const told = String(request.headers['x-wx-user-info'] || '')
    const openId = request.headers['x-wx-openid']
    const wxUserInfo = told ? JSON.parse(decodeURIComponent(told)) : null
    const { method, url, headers } = request
    const body = Buffer.concat(parts).toString()
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(JSON.stringify({ code: 0, data: { openId }, wxUserInfo, method, url, body, mine: headers['x-mine'] }))
  })
  afterwards(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(/** @type {import('net').AddressInfo} */ (server.address()).port))
  })
}

/** Starts nginx at a port that nobody else has taken meanwhile, and returns the port. */
async function startProxy(folder, blockAt) {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const nginx = startNginx(folder, blockAt(port))
    // It writes the file once it has the port.
    const runs = async () => fs.existsSync(path.join(folder, 'nginx.pid')) && listens(port)
    try {
      await nginx.until(runs)
      return port
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

/** The nginx file of the document, with the addresses of this test. */
function documented({ listener, internal, backend, proxy }) {
  let [block] = fs.readFileSync(DOCUMENT, 'utf8').split('```nginx\n')[1].split('```')
  for (const [from, to] of [
    ['127.0.0.1:8080', `127.0.0.1:${listener}`],
    ['127.0.0.1:8081', `127.0.0.1:${internal}`],
    ['127.0.0.1:3000', `127.0.0.1:${backend}`],
    ['listen 80;', `listen 127.0.0.1:${proxy};`],
  ]) {
    equal(block.includes(from), true, from)
    block = block.replace(from, to)
  }
  return block
}

/**
 * Makes a call, and gives the names of the callbacks that were called, in order, and the value that they had. `login` has
 * no `complete`, so that its first callback is its last.
 */
function outcome(method, options) {
  const last = 'url' in Object(options) ? 'complete' : ''
  return new Promise((resolve, reject) => {
    const called = []
    const hear = (name) => (value) => {
      called.push(name)
      if (!last || name === last) resolve({ called, value })
    }
    const returned = method({ ...options, success: hear('success'), fail: hear('fail'), complete: hear('complete') })
    // Its callbacks have been called by then, if they are called at all.
    Promise.resolve(returned).catch((error) => setTimeout(reject, 0, error))
  })
}

module.exports = { PROFILE, exchanges, open, outcome }
