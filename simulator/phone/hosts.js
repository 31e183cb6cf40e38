/*
 * The apps that run mini programs, and how Douyin differs from WeChat. Douyin's rules come from developer.open-douyin.com
 * and @douyin-microapp/typings 1.3.1 unless a comment calls them assumed.
 */
'use strict'

const failures = require('./failures')

/**
 * @typedef {object} Host
 * @property {string} name The global with its methods.
 * @property {string} loader The global that loads WebAssembly.
 * @property {string[]} methods The HTTP methods that it sends.
 * @property {(appid: string) => string} referer
 * @property {(code: string | undefined) => object} signIn What `success` of login gets; without a code if the user
 *   is not signed in to the app.
 * @property {(call: string, reason: import('./failures').Reason) => object} failure What `fail` gets.
 * @property {(code: number, reason: string) => object} closed What onClose of a socket gets.
 * @property {(path: string) => string} fileOf The file in the code package that a path means.
 */

const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']

/** @type {Host} */
const wx = {
  name: 'wx',
  loader: 'WXWebAssembly',
  // There is no PATCH.
  methods: METHODS,
  referer: (appid) => `https://servicewechat.com/${appid}/devtools/page-frame.html`,
  signIn: (code) => ({ code, errMsg: 'login:ok' }),
  failure: failures.failure,
  closed: (code, reason) => ({ code, reason }),
  fileOf: (path) => path.replace(/^\//, ''),
}

// The numbers of failed requests are undocumented, so this one means nothing in WeChat.
const UNKNOWN = 21000

// The folder of a starting program. Paths without a leading slash are assumed to begin there.
const PAGE = 'pages/index'

/** @type {Host} */
const tt = {
  name: 'tt',
  loader: 'TTWebAssembly',
  methods: METHODS.concat('PATCH'),
  referer: (appid) => `https://tmaservice.developer.toutiao.com/?appid=${appid}&version=1.0.0`,
  signIn(code) {
    const device = { anonymousCode: 'made-up-anonymous-code', isLogin: code !== undefined, errMsg: 'login:ok' }
    return code === undefined ? device : Object.assign({ code }, device)
  },

  /** All texts but those about the background and about signing in are assumed to be WeChat's. */
  failure(call, reason) {
    const { errMsg, errno } = failures.failure(call, TEXTS.get(reason) || reason)
    return Object.assign({ errMsg }, errno === undefined ? {} : { errNo: UNKNOWN }, CODES.get(reason))
  },

  // The types allow a number too.
  closed: (code, reason) => ({ code: String(code), reason, protocolType: 'h2', socketType: 'ttnet', errMsg: reason }),
  fileOf: (path) => (path[0] === '/' ? path.slice(1) : `${PAGE}/${path}`),
}

/** @type {Map<import('./failures').Reason, import('./failures').Reason>} */
const TEXTS = new Map([[failures.INTERRUPTED, { text: 'app in background' }]])
/** @type {Map<import('./failures').Reason, object>} */
const CODES = new Map([[failures.LOGIN_CANCELLED, { errorCode: 113001, errorType: 'U' }]])

module.exports = { hosts: { tt, wx } }
