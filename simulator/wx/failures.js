/* What wx says when a call fails. Texts and numbers are those seen on phones. */
'use strict'

const TIMEOUT = { errMsg: 'request:fail timeout', errno: 5 }
const ABORTED = { errMsg: 'request:fail abort' }
const OUTSIDE_DOMAINS = { errMsg: 'request:fail url not in domain list', errno: 600002 }
const NETWORK_CHANGED = { errMsg: chromium('-21', 'ERR_NETWORK_CHANGED'), errno: 600001 }
/** More than five seconds in the background. */
const INTERRUPTED = { errMsg: 'request:fail interrupted', errno: 600003 }

const CONNECTION = {
  'refused': chromium('-102', 'ERR_CONNECTION_REFUSED'),
  'reset': chromium('-101', 'ERR_CONNECTION_RESET'),
  'name not resolved': chromium('-105', 'ERR_NAME_NOT_RESOLVED'),
  'failed': chromium('-2', 'ERR_FAILED')
}

function chromium(number, name) {
  return `request:fail errcode:${number} cronet_error_code:${number} error_msg:net::${name}`
}

/** @param {'refused' | 'reset' | 'name not resolved' | 'failed'} reason */
function connection(reason) {
  return { errMsg: CONNECTION[reason], errno: 600001 }
}

function badUrl(url) {
  return { errMsg: `request:fail invalid url "${url}"`, errno: 600009 }
}

function badMethod(method) {
  return { errMsg: `request:fail parameter error: invalid method "${method}"`, errno: 1001 }
}

/** Of a call's parameter, in the words of wx: `parameter.url should be String instead of Undefined;`. */
function badParameter(call, name, expected, value) {
  const found = Object.prototype.toString.call(value).slice(8, -1)
  return {
    errMsg: `${call}:fail parameter error: parameter.${name} should be ${expected} instead of ${found};`,
    errno: 1001
  }
}

module.exports = {
  ABORTED,
  INTERRUPTED,
  NETWORK_CHANGED,
  OUTSIDE_DOMAINS,
  TIMEOUT,
  badMethod,
  badParameter,
  badUrl,
  connection
}
