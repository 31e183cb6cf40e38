/* One storm: a phone with the program, the app's server, and what the acts do to both. */
'use strict'

const { createMemoryNetwork, platform, startPhone } = require('../../simulator/phone')
const { compared, scriptInstance } = require('../package/modules')
const { program } = require('../package/arguments')
const { PHOTO } = require('../package/kinds')
const { CallRules } = require('./call-rules')
const { secretsIn } = require('./secrets')
const { createServer } = require('./server')
const { SessionRules } = require('./session-rules')
const { FOREIGN, OWN, createSpy } = require('./spy')
const { createChance, createTime } = require('./time')

const ROOT = program.replace(/\/$/, '')
const CLOCKED = ['index', 'signed'].map((name) => `${ROOT}/miniprogram_npm/wxsession/${name}.js`)
/** In milliseconds: longer than anything in progress may take. */
const DEADLINES = 300000
const OF_THE_APP = 'thrown by the app'
const FOREIGN_401 = `wxsession: ${FOREIGN} got no session and was refused: add it to origins`

const sources = new Map()
const read = new Map()
const modules = new Map()
let codes = 0

/** Keeps what is read or compiled once. */
function once(known, key, make) {
  if (!known.has(key)) known.set(key, make(key))
  return known.get(key)
}

/** The package's source, with the storm's clock and chance. */
function readText(path) {
  if (/\/(clock|chance)\.js$/.test(path)) return ''
  const source = once(sources, path, platform.readText)
  return CLOCKED.indexOf(path) >= 0
    ? source.replace(/^("use strict";)?/, '$1const Date=require("/clock"),Math=require("/chance");')
    : source
}

/** Compiles in the same turn. An engine would do it in its own time. The plain script has to answer as the module does. */
const compiler = {
  async instantiate(bytes, imports) {
    const module = once(modules, bytes, () => new WebAssembly.Module(bytes))
    const { exports } = new WebAssembly.Instance(module, imports)
    return { module, instance: { exports: compared(exports, scriptInstance()) } }
  },
}

/** What the rules find broken is in `broken`. */
class Storm {
  constructor({ isSigned, isTraced, options, promise, sameTick }) {
    this.broken = []
    this.isTraced = isTraced
    this.isSigned = isSigned && options.sessionPlace === 'header'
    this.options = Object.assign({ loginUrl: `${OWN}/wx/onlogin` }, options)
    this.time = createTime()
    this.server = createServer(options.sessionName, this.time.now)
    const breach = (text) => this.broken.push(text)
    this.calls = new CallRules(breach)
    this.rules = new SessionRules(breach, this.time, options)
    /** What the next calls of a method of wx meet. */
    this.twists = { login: [], exchange: [], request: [], uploadFile: [], downloadFile: [], connectSocket: [] }
    this.isCut = false
    this.isStorageBroken = false
    const { network, listen } = createMemoryNetwork(this.time.timers)
    listen(OWN, this.server.answer)
    listen(FOREIGN, () => ({ statusCode: 401 }))
    this.phone = startPhone({
      root: ROOT,
      network,
      promise,
      sameTick,
      files: new Map([[PHOTO, new Uint8Array([255, 216])]]),
      newCode: () => `secret-code-${++codes}-x`,
      platform: Object.assign({}, platform, {
        timers: this.time.timers,
        readText,
        readModule: (path) => once(read, path, platform.readModule),
        WebAssembly: compiler,
      }),
    })
    this.begin(0)
  }

  /** The program starts. The core cannot be loaded the first few times. */
  begin(failures) {
    const { calls, options, phone, rules, time } = this
    calls.calls = []
    rules.begin()
    this.tasks = []
    this.number = 0
    this.isLoaded = false
    this.hook(failures)
    Object.assign(phone.require('/clock'), { now: time.now, parse: Date.parse })
    const chance = phone.require('/chance')
    for (const name of Object.getOwnPropertyNames(Math)) chance[name] = Math[name]
    chance.random = createChance()
    const { signed } = phone.require('wxsession/signed')
    // Under the spy: the rules are about what the core has sent.
    const wx = this.isSigned ? signed(phone.wx, this.options.loginUrl) : phone.wx
    const spy = createSpy(wx, calls, rules)
    const { traced } = phone.require('wxsession/traced')
    const host = this.isTraced ? traced(spy, (line) => this.told(line)) : spy
    this.session = phone.require('wxsession').createSession(Object.assign({ host }, options))
    this.session.onChange((state) => rules.changed(state, this.session.state))
    this.session.ready.then(
      () => {
        this.isLoaded = true
      },
      () => {},
    )
  }

  restart(failures) {
    this.judge()
    this.phone = this.phone.restart()
    this.begin(failures)
  }

  hook(failures) {
    const { hooks } = this.phone
    let left = failures
    hooks.instantiate = () => (left-- > 0 ? { fail: new Error('no memory') } : undefined)
    hooks.storage = () => {
      if (this.isStorageBroken) throw new Error('storage is full')
    }
    for (const kind of ['login', 'request', 'uploadFile', 'downloadFile', 'connectSocket']) {
      hooks[kind] = (call) => {
        if (this.isCut) return { fail: { errMsg: `${kind}:fail -2:net::ERR_INTERNET_DISCONNECTED`, errno: 600001 } }
        const twist = this.twists[call.path === '/wx/onlogin' ? 'exchange' : kind].shift()
        // Some phones repeat in a failure what they were asked for.
        return twist && twist.repeats ? { fail: { errMsg: `${kind}:fail ${JSON.stringify(call)}` } } : twist
      }
    }
  }

  /** The app, or its log, is told a text. */
  told(text) {
    const secrets = secretsIn([text])
    if (secrets.length > 0) this.broken.push(`"${text}" tells ${secrets}`)
  }

  /** Everything is well again, and what is in progress ends. */
  async calm() {
    this.isCut = false
    this.isStorageBroken = false
    this.server.recover()
    for (const of of Object.keys(this.twists)) this.twists[of] = []
    this.hook(0)
    await this.time.pass(DEADLINES)
    this.server.closeSockets()
    await this.time.pass(DEADLINES)
    this.calls.over()
    this.rules.over()
    for (const code of this.server.unproven()) this.broken.push(`a signed request is refused: ${code}`)
    this.judge()
  }

  /** What the program has thrown and printed so far. */
  judge() {
    for (const { where, error } of this.phone.thrown.splice(0)) {
      if (Object(error).message !== OF_THE_APP || where !== 'timer') this.broken.push(`${where} threw ${error}`)
    }
    for (const { values } of this.phone.console.splice(0)) {
      if (String(values[0]) !== FOREIGN_401) this.broken.push(`printed ${values}`)
    }
  }
}

module.exports = { OF_THE_APP, Storm }
