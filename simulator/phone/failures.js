/* Why a call of wx fails. Texts and numbers were seen on phones. */
'use strict'

/**
 * @typedef {{text: string, errno?: number}} Reason
 * @typedef {{errMsg: string, errno?: number}} Failure What `fail` gets.
 */

const TIMEOUT = { text: 'timeout', errno: 5 }
const ABORTED = { text: 'abort' }
const OUTSIDE_DOMAINS = { text: 'url not in domain list', errno: 600002 }
const NETWORK_CHANGED = { text: chromium('-21', 'ERR_NETWORK_CHANGED'), errno: 600001 }
/** More than five seconds in the background. */
const INTERRUPTED = { text: 'interrupted', errno: 600003 }
const STOPPED = { text: 'the program has ended' }
/** The user closed the window in which Douyin asks to sign in. */
const LOGIN_CANCELLED = { text: 'host login fail' }
const TOO_MANY_SOCKETS = { text: 'fail reach max websocket connect count 5' }

const CONNECTION = {
  refused: chromium('-102', 'ERR_CONNECTION_REFUSED'),
  reset: chromium('-101', 'ERR_CONNECTION_RESET'),
  'name not resolved': chromium('-105', 'ERR_NAME_NOT_RESOLVED'),
  failed: chromium('-2', 'ERR_FAILED'),
}

function chromium(number, name) {
  return `errcode:${number} cronet_error_code:${number} error_msg:net::${name}`
}

/** @param {'refused' | 'reset' | 'name not resolved' | 'failed'} reason @returns {Reason} */
function connection(reason) {
  return { text: CONNECTION[reason], errno: 600001 }
}

/** @returns {Reason} */
function badUrl(url) {
  return { text: `invalid url "${url}"`, errno: 600009 }
}

/** @returns {Reason} */
function badMethod(method) {
  return { text: `parameter error: invalid method "${method}"`, errno: 1001 }
}

/** In the words of wx: `parameter.url should be String instead of Undefined;`. @returns {Reason} */
function badParameter(name, expected, value) {
  const found = Object.prototype.toString.call(value).slice(8, -1)
  return { text: `parameter error: parameter.${name} should be ${expected} instead of ${found};`, errno: 1001 }
}

/** @returns {Reason} */
function noSuchFile(path) {
  return { text: `no such file or directory ${path}`, errno: 1300002 }
}

/**
 * @param {string} call The wx method, with which every text begins.
 * @param {Reason} reason
 * @returns {Failure}
 */
function failure(call, { text, errno }) {
  const errMsg = `${call}:fail ${text}`
  return errno === undefined ? { errMsg } : { errMsg, errno }
}

module.exports = {
  ABORTED,
  INTERRUPTED,
  LOGIN_CANCELLED,
  NETWORK_CHANGED,
  OUTSIDE_DOMAINS,
  STOPPED,
  TIMEOUT,
  TOO_MANY_SOCKETS,
  badMethod,
  badParameter,
  badUrl,
  connection,
  failure,
  noSuchFile,
}
