/* A backend with its own users, wxsession that asks it, and the documented nginx in front of both. */
'use strict'

const { execFileSync, spawnSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')
const { parseArgs } = require('util')
const { equal } = require('../package/assert')
const { afterwards } = require('../package/runner')
const { freePort, listens, start, startNginx } = require('./processes')

const text = /** @type {const} */ ({ type: 'string', multiple: false })
const { values: given } = parseArgs({ options: { package: text, server: text, wechat: text, only: text } })
if (!given.server || !given.wechat) throw new Error('usage: main.js --package PROGRAM --server FILE --wechat URL')

const TOP = path.join(__dirname, '../..')
const EXAMPLES = path.join(TOP, 'examples/own-users')
const APP = { appid: 'wx5e55105e55105e55', secret: '51a51a51a51a51a51a51a51a51a51a51' }
const TOKEN = 'the-token-of-the-hook'

/** How each backend is started, and where its hook is. */
const BACKENDS = {
  express: {
    command: () => [process.execPath, path.join(EXAMPLES, 'express/server.js')],
    // The usual cost of bcrypt takes JavaScript seconds on a busy machine, and a hook has three.
    environment: ({ port, hookPort }) => ({ PORT: `${port}`, HOOK_PORT: `${hookPort}`, COST: '4' }),
    hook: ({ hookPort }) => `http://127.0.0.1:${hookPort}/sign-in`,
    ports: ({ port, hookPort }) => [port, hookPort],
    token: false,
  },
  php: {
    command: ({ port }) => ['php', '-S', `127.0.0.1:${port}`, path.join(EXAMPLES, 'php/index.php')],
    environment: () => ({ HOOK_TOKEN: TOKEN }),
    hook: ({ port }) => `http://127.0.0.1:${port}/sign-in`,
    ports: ({ port }) => [port],
    token: true,
  },
}

/** @param {keyof typeof BACKENDS} name */
async function open(name) {
  const backend = BACKENDS[name]
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'own-users-'))
  afterwards(async () => fs.rmSync(folder, { recursive: true, force: true }))
  const [port, hookPort, proxyPort] = [await freePort(), await freePort(), await freePort()]
  const places = { port, hookPort }
  const database = path.join(folder, 'users.db')
  fill(database)

  const hook = ['--accounts-hook', backend.hook(places)]
  if (backend.token) {
    fs.writeFileSync(path.join(folder, 'token'), TOKEN, { mode: 0o600 })
    hook.push('--accounts-hook-token-file', path.join(folder, 'token'))
  }
  const [listener, internal] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const serve = async () => {
    const server = start(
      [given.server, '--appid', APP.appid, '--wechat-api', given.wechat, '--data', path.join(folder, 'sessions')]
        .concat(['--listen', listener, '--internal', internal, '--log', 'debug'])
        .concat(hook),
      { WXSESSION_SECRET: APP.secret },
    )
    await server.until((output) => /^internal listener on /m.test(output))
    return server
  }
  let server = await serve()

  const environment = Object.assign(
    { DATABASE: database, WXSESSION: `http://${internal}` },
    backend.environment(places),
  )
  const begin = async () => {
    const process = start(backend.command(places), environment)
    for (const place of backend.ports(places)) await process.until(() => listens(place))
    return process
  }
  let running = await begin()

  const nginx = startNginx(folder, documented({ listener, internal, port, proxyPort }))
  await nginx.until(() => listens(proxyPort))
  const url = `http://127.0.0.1:${proxyPort}`

  return {
    url,
    wechat: given.wechat,
    stopBackend: () => running.stop(),
    async startBackend() {
      running = await begin()
    },
    /** Kills wxsession and starts it again. */
    async restartServer() {
      await server.stop('SIGKILL')
      server = await serve()
    },
    /** What wxsession has printed since its start, its log included. */
    printed: () => server.output(),
    /** Asks the hook as a server would that is started in its place, and returns the exit code and the findings. */
    check() {
      const { status, stdout } = spawnSync(given.server, ['check-hook', ...hook], { encoding: 'utf8' })
      return { status, stdout }
    },
    /** A phone of this WeChat user. */
    phone: (user) => new Phone(url, `${path.basename(folder)} ${user}`),
  }
}

/** A phone that keeps its session, and shows what it is answered. */
class Phone {
  constructor(url, user) {
    this.url = url
    this.user = user
    this.session = undefined
  }

  async signIn(fields) {
    const { code } = await bodyOf(await send('POST', `${given.wechat}/simulator/login`, { user: this.user }))
    const answer = await send('POST', `${this.url}/wx/onlogin`, Object.assign({ code }, fields), this.header())
    const body = await bodyOf(answer)
    if (answer.status === 200) this.session = body.sessionid
    return answer.status === 200 ? { guest: body.guest } : { status: answer.status, code: body.code }
  }

  byPassword(identifier, password, more) {
    return this.signIn(Object.assign({ method: 'password', identifier, password }, more))
  }

  /** Whom the backend sees, or the refusal. */
  async name() {
    const answer = await fetch(`${this.url}/me`, { headers: this.header() })
    const body = await bodyOf(answer)
    return answer.status === 200 ? body.name : body.code
  }

  async changePassword(old, password) {
    return (await send('PUT', `${this.url}/me/password`, { old, password }, this.header())).status
  }

  header() {
    return this.session ? { sessionid: this.session } : {}
  }
}

/** @returns {Promise<any>} */
function bodyOf(answer) {
  return answer.json()
}

function send(method, url, body, header) {
  const headers = Object.assign({ 'content-type': 'application/json' }, header)
  return fetch(url, { method, headers, body: JSON.stringify(body) })
}

/** A database as it was before wxsession. */
function fill(file) {
  const sample = path.join(EXAMPLES, 'express/sample-users.js')
  execFileSync(process.execPath, [sample], { env: Object.assign({}, process.env, { DATABASE: file }) })
}

/** The nginx file of the documents, with the addresses of this test. */
function documented({ listener, internal, port, proxyPort }) {
  const page = fs.readFileSync(path.join(TOP, 'service/docs/other-backends.md'), 'utf8')
  let [block] = page.split('```nginx\n')[1].split('```')
  for (const [from, to] of [
    ['127.0.0.1:8080', listener],
    ['127.0.0.1:8081', internal],
    ['127.0.0.1:3000', `127.0.0.1:${port}`],
    ['listen 80;', `listen 127.0.0.1:${proxyPort};`],
  ]) {
    equal(block.includes(from), true, from)
    block = block.replace(from, to)
  }
  return block
}

module.exports = { BACKENDS, open }
