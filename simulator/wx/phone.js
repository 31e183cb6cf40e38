/*
 * A phone: runs a mini program's code package as WeChat does, in a module scope without the web's and the
 * engine's globals, over the simulated wx.
 *
 * Modules run behind function parameters that hide those globals, not in a `vm` context: that is how WeChat
 * does it, it is the same on every engine, and values keep one realm, so that `instanceof` and deep
 * comparisons in tests mean what they say. What parameters cannot hide, `eval` and `globalThis` by way of a
 * sloppy function's `this`, is for the package build to check.
 */
'use strict'

const { INTERRUPTED, NETWORK_CHANGED } = require('./failures')
const { beside, createModules, withEndings } = require('./modules')
const defaultPlatform = require('./platform/index')
const { createRecord } = require('./record')
const { hiddenGlobals, onlyReturnThis } = require('./scope')
const { createHooks, createWx } = require('./wx')

/**
 * @typedef {object} PhoneOptions
 * @property {string} root The folder of the code package: `app.js`, `miniprogram_npm/`.
 * @property {() => string | Promise<string>} [newCode] Where wx.login has its codes from; by default they are made up.
 * @property {import('./memory').Network} [network] Default: the platform's.
 * @property {Map<string, string>} [shelf] What earlier starts stored.
 * @property {import('./wx').Hooks} [hooks] Default: none does anything.
 * @property {boolean} [sameTick] Callbacks that can run before their call returns do so. Default false.
 * @property {boolean} [headersCarryStatus] onHeadersReceived is given the status. Default true.
 * @property {string} [appid]
 * @property {string[]} [domains] The origins that WeChat lets the app call. Default: all.
 * @property {boolean} [echo] The program's console is printed too. Default false.
 * @property {object} [platform]
 *
 * @param {PhoneOptions} options
 */
function startPhone(options) {
  const platform = options.platform || defaultPlatform
  const root = options.root.replace(/\/$/, '')
  const record = createRecord()
  const hooks = Object.assign(createHooks(), options.hooks)
  const shelf = options.shelf || new Map()
  let alive = true
  const isAlive = () => alive
  const timers = livingTimers(platform.timers, isAlive)
  const programTimers = catchingTimers(timers, record.thrown)

  const { wx, WXWebAssembly, failAll } = createWx({
    app: { appid: options.appid || 'wx5e55105e55105e55', domains: options.domains },
    network: options.network || platform.network,
    newCode: options.newCode || madeUpCodes(),
    sameTick: Boolean(options.sameTick),
    headersCarryStatus: options.headersCarryStatus !== false,
    hooks, isAlive, platform, record, root, shelf, timers
  })

  let app
  const modules = createModules({
    readText: platform.readText,
    candidates: (specifier, from) => candidates(root, specifier, from),
    scope: Object.assign(hiddenGlobals(), {
      wx,
      WXWebAssembly,
      Function: onlyReturnThis(),
      App(description) {
        app = description
        if (app && app.onLaunch) app.onLaunch()
      },
      getApp: () => app,
      console: createConsole(record, options.echo ? platform.print : undefined)
    }, programTimers)
  })

  /** Ends the program as when WeChat is closed: nothing of it runs from now on. What it stored stays. */
  function stop() {
    alive = false
    failAll({ errMsg: 'request:fail' })
  }

  return {
    wx,
    WXWebAssembly,
    hooks,
    shelf,
    counts: record.counts,
    requests: record.requests,
    thrown: record.thrown,
    console: record.console,
    /** Runs a module of the code package as its modules would: 'wxsession', './app', '/pages/index'. */
    require: modules.require,
    changeNetwork: () => failAll(NETWORK_CHANGED),
    interrupt: () => failAll(INTERRUPTED),
    stop,
    /** A new start of the same mini program: same storage, new program, new record. */
    restart(changes) {
      stop()
      return startPhone(Object.assign({}, options, { shelf, hooks }, changes))
    }
  }
}

/** `wxsession` means `miniprogram_npm/wxsession/index.js`; nothing outside the code package can be named. */
function candidates(root, specifier, from) {
  const inside = from.slice(root.length + 1)
  const relative = specifier[0] === '.'
  const path = beside('', relative ? beside(inside, specifier) : specifier.replace(/^\//, ''))
  if (/^\.\./.test(path)) return []
  const named = relative || specifier[0] === '/' ? [] : withEndings(`miniprogram_npm/${path}`).reverse()
  return named.concat(withEndings(path)).map((file) => `${root}/${file}`)
}

/** Timers that fall silent with the program. */
function livingTimers(timers, isAlive) {
  return {
    setTimeout: (callback, milliseconds) => timers.setTimeout(() => { if (isAlive()) callback() }, milliseconds),
    clearTimeout: timers.clearTimeout
  }
}

/** The program's timers: what their callbacks throw is noted. */
function catchingTimers(timers, thrown) {
  const running = new Map()
  let last = 0

  function start(callback, milliseconds, again) {
    const id = ++last
    const fire = () => {
      if (again) running.set(id, timers.setTimeout(fire, milliseconds))
      else running.delete(id)
      try {
        callback()
      } catch (error) {
        thrown.push({ where: 'timer', error })
      }
    }
    running.set(id, timers.setTimeout(fire, milliseconds))
    return id
  }

  function clear(id) {
    if (running.has(id)) timers.clearTimeout(running.get(id))
    running.delete(id)
  }

  return {
    setTimeout: (callback, milliseconds, ...values) => start(() => callback(...values), milliseconds, false),
    setInterval: (callback, milliseconds, ...values) => start(() => callback(...values), milliseconds, true),
    clearTimeout: clear,
    clearInterval: clear
  }
}

function createConsole(record, print) {
  const console = {}
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    console[level] = (...values) => {
      record.console.push({ level, values })
      if (print) print(values.map(String).join(' '))
    }
  }
  return console
}

function madeUpCodes() {
  let number = 0
  return () => `made-up-code-${++number}`
}

module.exports = { startPhone }
