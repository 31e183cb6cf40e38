/* A mini program with the package, on its own phone and with its own backend. */
'use strict'

const simulator = require('../../simulator/phone')
const { host, isSigned, program } = require('./arguments')
const { equal, ok } = require('./assert')
const { createBackend } = require('./backend')
const { createClock } = require('./clock')
const { PHOTO } = require('./kinds')
const { leaked } = require('./leaks')
const { modules } = require('./modules')
const { afterwards } = require('./runner')
const { quiet, turns, until } = require('./waiting')

const { platform, startPhone } = simulator
const PACKAGE = `${program.replace(/\/$/, '')}/miniprogram_npm/wxsession`
/** The scripts that look at the clock. */
const CLOCKED = ['index', 'account', 'plain', 'signed'].map((name) => `${PACKAGE}/${name}.js`)

let codes = 0

/**
 * @typedef {ReturnType<typeof createBackend>} Backend
 * @typedef {ReturnType<typeof startPhone>} Phone
 *
 * @typedef {object} Standing What survives a restart of the program.
 * @property {Backend} backend
 * @property {ReturnType<typeof createClock>} clock
 * @property {{errors: unknown[], codes: string[]}} told What the app has heard.
 * @property {string} url
 */

/**
 * @param {object} [setting]
 * @param {{[name: string]: unknown}} [setting.options] Options of the session besides `loginUrl`. `hostOf` makes the host of a
 *   phone and the `loginUrl`.
 * @param {Partial<import('../../simulator/phone/phone').PhoneOptions>} [setting.phone] Options of the phone.
 * @param {string[]} [setting.without] Globals that are hidden from the package.
 * @param {(backend: Backend, phone: Phone) => void} [setting.before] Runs before the session is created.
 * @param {(backend: Function) => Promise<{url: string, close(): Promise<void>}>} [setting.serve] Another server.
 * @returns {Promise<World>}
 */
async function start(setting) {
  const { options, before, phone: phoneOptions, serve, without } = Object.assign({ serve: simulator.serve }, setting)
  const clock = createClock()
  const backend = createBackend(clock.now)
  const server = await serve(backend.answer)
  afterwards(server.close)
  const told = { errors: [], codes: [] }
  const phone = startPhone(
    Object.assign(
      {
        root: program,
        host,
        files: new Map([[PHOTO, new Uint8Array([255, 216, 0, 10, 13])]]),
        platform: Object.assign({}, platform, modules, {
          timers: clock.timers,
          readText: (path) => readText(path, without || []),
        }),
        newCode() {
          told.codes.push(`secret-code-${++codes}-x`)
          return told.codes[told.codes.length - 1]
        },
      },
      phoneOptions,
    ),
  )
  if (before) before(backend, phone)
  const standing = { backend, clock, told, url: server.url }
  return new World(standing, phone, Object.assign({ loginUrl: `${server.url}/wx/onlogin` }, options))
}

/**
 * One start of the program. When the test ends, nothing may have been thrown into wx or printed, and no secret revealed. A
 * test that expects such a thing takes it out of the record first.
 */
class World {
  /**
   * @param {Standing} standing
   * @param {Phone} phone
   * @param {{[name: string]: unknown}} options
   */
  constructor(standing, phone, options) {
    this.standing = standing
    this.backend = standing.backend
    this.clock = standing.clock
    this.told = standing.told
    this.url = standing.url
    this.phone = phone
    this.options = options
    Object.assign(phone.require('/clock'), { now: this.clock.now, parse: Date.parse })
    const { createSession, SessionError } = phone.require('wxsession')
    this.SessionError = SessionError
    /** @type {(options?: any) => any} */
    this.createSession = (given) => createSession(withHost(given, phone))
    afterwards(async () => {
      phone.stop()
      equal(
        phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
        [],
      )
      equal(
        phone.console.map(({ values }) => values.map(String)),
        [],
        'printed',
      )
      this.keepsSecrets()
    })
    this.session = options && this.createSession(options)
  }

  /**
   * Makes a call that can be awaited. A path means the backend.
   *
   * @param {string} path
   * @param {object} [options]
   */
  call(path, options) {
    return this.session.request(Object.assign({ url: this.url + path }, options))
  }

  /**
   * Makes several calls at once, and returns the status of each.
   *
   * @param {number} number
   * @param {string} [path]
   * @returns {Promise<number[]>}
   */
  async calls(number, path) {
    const made = Array.from({ length: number }, (_, place) => this.call(path || `/call/${place}`))
    return (await Promise.all(made)).map(({ statusCode }) => statusCode)
  }

  /** Signs in, so that counts start with a live session. */
  async signedIn() {
    await this.session.login()
    return this
  }

  /** Returns the error of a call or login that has to fail. */
  async failure(call, code) {
    const error = await call.then(
      (value) => {
        throw new Error(`expected ${code}, but it succeeded with ${JSON.stringify(value)}`)
      },
      (reason) => reason,
    )
    this.told.errors.push(error)
    ok(error instanceof this.SessionError, `a SessionError: ${error}`)
    equal(error.code, code)
    return error
  }

  /** Lets time pass, whenever all is quiet, until a call or login has ended. */
  async patiently(call) {
    let isOver = false
    const over = () => {
      isOver = true
    }
    call.then(over, over)
    await until(() => this.session.state !== 'loading')
    while (!isOver) {
      await quiet(this)
      if (!isOver && !(await this.clock.next())) throw new Error('it never ends: nothing is in progress')
    }
    return call
  }

  /** Takes the lines of the console that name origins without a session, and returns these origins. */
  namedOrigins() {
    return this.phone.console.splice(0).map(({ values: [line] }) => {
      const [, origin] = /^wxsession: (\S+) got no session and was refused: add it to origins$/.exec(String(line)) || []
      return origin || line
    })
  }

  /** Takes what the app's functions threw, once this many have been thrown on in turns of their own. */
  async thrownOn(number) {
    const { thrown } = this.phone
    await until(() => thrown.length >= number)
    await turns(2)
    const taken = thrown.splice(0)
    equal(
      taken.map(({ where }) => where),
      Array.from({ length: number }, () => 'timer'),
    )
    return taken.map(({ error }) => error)
  }

  /** The id of the session that storage keeps, if it keeps one. */
  kept() {
    return JSON.parse(this.phone.shelf.get('wxsession') || '{}').id
  }

  /** The calls of wx.login, the exchanges and the calls of wx.request since this start. */
  counts() {
    const { logins, requests, requestsByPath } = this.phone.counts
    return { logins, exchanges: requestsByPath['/wx/onlogin'] || 0, requests }
  }

  /** Runs `body`, and returns what it added to the counts. */
  async added(body) {
    const before = this.counts()
    await body()
    const after = this.counts()
    for (const name of Object.keys(after)) after[name] -= before[name]
    return after
  }

  /**
   * Closes the program and starts it again.
   *
   * @param {{[name: string]: unknown}} [options]
   * @param {Partial<import('../../simulator/phone/phone').PhoneOptions>} [phoneOptions]
   */
  restart(options, phoneOptions) {
    return new World(this.standing, this.phone.restart(phoneOptions), Object.assign({}, this.options, options))
  }

  keepsSecrets() {
    const { backend, phone, told } = this
    const values = told.errors.concat(phone.thrown, phone.console)
    equal(leaked(values, backend.ids.concat(backend.proofs.given, told.codes)), [], 'secrets told')
  }
}

/** The options with the host that the test, the command line or a Douyin phone wants. */
function withHost(given, phone) {
  if (Object(given) !== given || 'host' in given) return given
  const { hostOf, ...options } = given
  const signs = isSigned && typeof options.loginUrl === 'string' && /^(header)?$/.test(options.sessionPlace || '')
  const host = hostOf
    ? hostOf(phone, options.loginUrl)
    : signs
      ? phone.require('wxsession/signed').signed(phone.wx, options.loginUrl)
      : phone.wx
  return host !== phone.wx || phone.host !== 'wx' ? Object.assign(options, { host }) : options
}

/** Makes the package's source read the phone's clock, and hides the globals that the test takes away. */
function readText(path, without) {
  if (/\/clock\.js$/.test(path)) return ''
  const source = platform.readText(path)
  if (CLOCKED.indexOf(path) < 0) return source
  const hidden = without.map((name) => `var ${name};`).join('')
  return source.replace(/^("use strict";)?/, `$1const Date=require("/clock");${hidden}`)
}

module.exports = { start }
