/*
 * A phone: runs a mini program's code package as WeChat does, over the simulated wx and without the globals of the web
 * and of the engine.
 *
 * Function parameters hide those globals from modules; there is no `vm` context. WeChat does the same, every engine
 * can do it, and all values belong to one realm, so that `instanceof` and deep comparisons in tests are reliable.
 * Parameters cannot hide `eval`, nor `globalThis` as a sloppy function's `this`; the package build checks for both.
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
 * @property {'wx' | 'tt'} [host] The global that programs find; `tt` is Douyin's. Default `wx`.
 * @property {string} root The folder of the code package: `app.js`, `miniprogram_npm/`.
 * @property {() => string | Promise<string>} [newCode] Issues the codes of wx.login. Default: made-up codes.
 * @property {import('./memory').Network} [network] Default: the platform's.
 * @property {Map<string, string>} [shelf] The storage that earlier starts left.
 * @property {Partial<import('./wx').Hooks>} [hooks] Default: hooks that do nothing.
 * @property {boolean} [sameTick] Callbacks run before their call returns wherever that is possible. Default false.
 * @property {Map<string, Uint8Array>} [files] The files on the phone, by path. Default: none.
 * @property {boolean} [headersCarryStatus] onHeadersReceived gets the status. Default: for requests, as documented, but not
 *   for uploads and downloads.
 * @property {boolean} [resultsCarryHeader] `success` of uploads and downloads gets `header` and `cookies`, as on some
 *   phones; the documentation mentions neither. Default false.
 * @property {boolean} [closeAfterError] A socket that does not open also calls onClose, as in the developer tools.
 *   Default false.
 * @property {(failure: import('./failures').Failure) => unknown} [wording] How this phone words a failure:
 *   without `errno`, or in another language. A failure that a hook asks for stays as it is.
 * @property {'setTimeout'} [promise] The reactions of the program's Promise run by setTimeout, as they do up to iOS 15.
 *   Default: the engine's Promise. `async` functions always use the engine's.
 * @property {boolean} [isSignedIn] The user is signed in to the app that runs mini programs, as everybody is in
 *   WeChat. Default true.
 * @property {string} [appid]
 * @property {string[]} [domains] The origins that WeChat lets the app call. Default: all.
 * @property {{[name: string]: unknown}} [globals] Further globals, such as the `global` of some base libraries.
 *   Default: none.
 * @property {boolean} [echo] Also print what the program writes to its console. Default false.
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
    Promise: PhonePromise,
  })
  Object.assign(methods, program.methods)
  const modules = createModules({
    readText: platform.readText,
    candidates: (specifier, from) => candidates(root, specifier, from),
    scope: Object.assign(
      hiddenGlobals(),
      program.globals,
      {
        [host.name]: readOnly(methods),
        [host.loader]: loader,
        Function: onlyReturnThis(),
        Promise: PhonePromise,
        console: createConsole(record, options.echo ? platform.print : undefined),
      },
      ofProgram,
      options.globals,
    ),
  })

  /** Ends the program as closing WeChat does: none of its code runs from now on. Its storage stays. */
  function stop() {
    background.end()
    failAll(STOPPED)
  }

  return {
    host: host.name,
    /** The host's methods and its loader of WebAssembly, whatever the host calls them. */
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
    /** Runs a module of the code package and returns its exports: 'wxsession', './app', '/pages/index'. */
    require: modules.require,
    /** Starts the mini program: app.js, then a page, by default the first of app.json. Returns the page. */
    launch: program.launch,
    /** Opens another page, of the tab bar too, by its path and its query as an object. */
    open: program.open,
    /** The page on top: its `data`, and the methods that a user's taps call. */
    page: program.page,
    changeNetwork: () => failAll(NETWORK_CHANGED),
    /** More than five seconds in the background: transfers fail and sockets close; wx.login goes on. */
    interrupt: () => failAll(INTERRUPTED),
    /** Suspends the program, as WeChat may in the background: callbacks, events and timers wait for `wake`. */
    sleep: background.sleep,
    wake: background.wake,
    stop,
    /** Starts the same mini program anew, with the same storage and files but a new record. */
    restart(changes) {
      stop()
      return startPhone(Object.assign({}, options, { files, hooks, shelf }, changes))
    },
  }
}

/**
 * The files that a specifier may mean. `wxsession` means `miniprogram_npm/wxsession/index.js` in the folder of the
 * requiring module, or else in the nearest folder above it. Nothing outside the code package can be named.
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

/** The folder of a file and the folders above it, each with a trailing slash. */
function foldersAbove(file) {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, place) => `${parts.slice(0, parts.length - place).join('/')}/`).concat('')
}

/** The host's methods as a program has them: it may add some, but replaces none. */
function readOnly(methods) {
  const names = Object.keys(methods)
  return new Proxy(methods, {
    set: (target, name, value, receiver) =>
      names.indexOf(String(name)) < 0 && Reflect.set(target, name, value, receiver),
  })
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
