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

const { createBackground } = require('./background')
const { INTERRUPTED, NETWORK_CHANGED, STOPPED } = require('./failures')
const { hosts } = require('./hosts')
const { beside, createModules, withEndings } = require('./modules')
const defaultPlatform = require('./platform/index')
const { createProgram } = require('./program')
const { createPromise } = require('./promise')
const { createRecord } = require('./record')
const { hiddenGlobals, onlyReturnThis } = require('./scope')
const { livingTimers, programTimers } = require('./timers')
const { createHooks, createWx } = require('./wx')

/**
 * @typedef {object} PhoneOptions
 * @property {'wx' | 'tt'} [host] Which of the globals its programs have; `tt` is Douyin's. Default `wx`.
 * @property {string} root The folder of the code package: `app.js`, `miniprogram_npm/`.
 * @property {() => string | Promise<string>} [newCode] Where wx.login has its codes from; by default they are made up.
 * @property {import('./memory').Network} [network] Default: the platform's.
 * @property {Map<string, string>} [shelf] What earlier starts stored.
 * @property {Partial<import('./wx').Hooks>} [hooks] Default: none does anything.
 * @property {boolean} [sameTick] Callbacks that can run before their call returns do so. Default false.
 * @property {Map<string, Uint8Array>} [files] What lies on the phone, by path. Default: none.
 * @property {boolean} [headersCarryStatus] onHeadersReceived is given the status. Default: that of requests is, as
 *   documented, and those of uploads and downloads are not.
 * @property {boolean} [resultsCarryHeader] `success` of uploads and downloads is given `header` and `cookies`, as on
 *   some phones; the documentation has none. Default false.
 * @property {boolean} [closeAfterError] A socket that does not open tells onClose too, as in the developer tools.
 *   Default false.
 * @property {(failure: import('./failures').Failure) => unknown} [wording] How this phone puts a failure: without
 *   `errno`, in another language. What a hook lets a call fail with is not put otherwise.
 * @property {'setTimeout'} [promise] The program's Promise is one whose reactions run by setTimeout, as up to iOS 15.
 *   Default: the engine's. An `async` function has the engine's own all the same.
 * @property {boolean} [isSignedIn] The user is signed in to the app that runs mini programs, as in WeChat everybody is.
 *   Default true.
 * @property {string} [appid]
 * @property {string[]} [domains] The origins that WeChat lets the app call. Default: all.
 * @property {{[name: string]: unknown}} [globals] What modules see besides, as some base libraries have it: a `global`.
 *   Default: none.
 * @property {boolean} [echo] The program's console is printed too. Default false.
 * @property {import('./platform/index').Platform} [platform]
 *
 * @param {PhoneOptions} options
 */
function startPhone(options) {
  const platform = options.platform || defaultPlatform
  const root = options.root.replace(/\/$/, '')
  const record = createRecord()
  const hooks = Object.assign(createHooks(), options.hooks)
  const shelf = options.shelf || new Map()
  const files = options.files || new Map()
  const background = createBackground()
  const timers = livingTimers(platform.timers, background)
  const ofProgram = programTimers(timers, background, record.thrown)
  const PhonePromise = options.promise === 'setTimeout' ? createPromise(ofProgram) : Promise

  const host = hosts[options.host || 'wx']
  const { methods, loader, failAll } = createWx({
    app: {
      appid: options.appid || 'wx5e55105e55105e55',
      domains: options.domains,
      host,
      isSignedIn: options.isSignedIn !== false,
    },
    network: options.network || platform.network,
    newCode: options.newCode || madeUpCodes(),
    sameTick: Boolean(options.sameTick),
    headersCarryStatus: (method) =>
      options.headersCarryStatus === undefined ? method === 'request' : options.headersCarryStatus,
    resultsCarryHeader: Boolean(options.resultsCarryHeader),
    closeAfterError: Boolean(options.closeAfterError),
    wording: options.wording || ((failure) => failure),
    background,
    files,
    hooks,
    platform,
    record,
    root,
    shelf,
    timers,
    Promise: PhonePromise,
  })

  const program = createProgram({
    require: (specifier) => modules.require(specifier),
    readManifest: () => platform.readText(`${root}/app.json`),
    timers: ofProgram,
  })
  const modules = createModules({
    readText: platform.readText,
    candidates: (specifier, from) => candidates(root, specifier, from),
    scope: Object.assign(
      hiddenGlobals(),
      program.globals,
      {
        [host.name]: methods,
        [host.loader]: loader,
        Function: onlyReturnThis(),
        Promise: PhonePromise,
        console: createConsole(record, options.echo ? platform.print : undefined),
      },
      ofProgram,
      options.globals,
    ),
  })

  /** Ends the program as when WeChat is closed: nothing of it runs from now on. What it stored stays. */
  function stop() {
    background.end()
    failAll(STOPPED)
  }

  return {
    host: host.name,
    /** The host's methods and its loader of WebAssembly, also of one that has other names for them. */
    wx: methods,
    WXWebAssembly: loader,
    hooks,
    shelf,
    files,
    counts: record.counts,
    requests: record.requests,
    uploads: record.uploads,
    downloads: record.downloads,
    sockets: record.sockets,
    thrown: record.thrown,
    console: record.console,
    /** Runs a module of the code package as its modules would: 'wxsession', './app', '/pages/index'. */
    require: modules.require,
    /** Starts the mini program: app.js, then a page, by default the first of app.json. Gives the page. */
    launch: program.launch,
    /** Opens a further page, as wx.navigateTo does: its path, and its query as an object. */
    open: program.open,
    /** The page on top: its `data`, and its methods to call as a user's taps do. */
    page: program.page,
    changeNetwork: () => failAll(NETWORK_CHANGED),
    /** More than five seconds in the background: transfers fail and sockets close; wx.login goes on. */
    interrupt: () => failAll(INTERRUPTED),
    /** The program stands still, as it may in the background: callbacks, events and timers wait for `wake`. */
    sleep: background.sleep,
    wake: background.wake,
    stop,
    /** A new start of the same mini program: same storage and files, new program, new record. */
    restart(changes) {
      stop()
      return startPhone(Object.assign({}, options, { files, hooks, shelf }, changes))
    },
  }
}

/**
 * `wxsession` means `miniprogram_npm/wxsession/index.js`, in the folder of the module that asks or the nearest one
 * above it; nothing outside the code package can be named.
 */
function candidates(root, specifier, from) {
  const inside = from.slice(root.length + 1)
  const relative = specifier[0] === '.'
  const path = beside('', relative ? beside(inside, specifier) : specifier.replace(/^\//, ''))
  if (/^\.\./.test(path)) return []
  const folders = relative || specifier[0] === '/' ? [] : foldersAbove(inside)
  const named = [].concat(...folders.map((folder) => withEndings(`${folder}miniprogram_npm/${path}`).reverse()))
  return named.concat(withEndings(path)).map((file) => `${root}/${file}`)
}

/** The folder of a file and those above it, each with its slash. */
function foldersAbove(file) {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, place) => `${parts.slice(0, parts.length - place).join('/')}/`).concat('')
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
