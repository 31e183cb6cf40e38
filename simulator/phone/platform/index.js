/* The one place that asks which engine this is. */
'use strict'

module.exports =
  typeof importScripts === 'function'
    ? require('./browser')
    : typeof process === 'undefined'
      ? require('./jsc')
      : require('./node')
