/* The one place that asks which engine this is. */
'use strict'

/**
 * @typedef {object} Platform
 * @property {string} name
 * @property {string[]} arguments
 * @property {Timers} timers
 * @property {import('../memory').Network} network
 * @property {(backend: import('../backend').Backend) => Promise<{url: string, close(): Promise<void>}>} serve
 * @property {(text: string) => void} print
 * @property {typeof WebAssembly} WebAssembly
 * @property {(path: string) => string} readText
 * @property {(path: string) => Uint8Array} readModule The bytes of a module, unpacked.
 * @property {(failed: boolean) => void} exit Ends the program, whatever is still pending.
 *
 * @typedef {object} Timers
 * @property {(callback: Function, milliseconds?: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** @type {Platform} */
module.exports =
  typeof importScripts === 'function'
    ? require('./browser')
    : typeof process === 'undefined'
      ? require('./jsc')
      : require('./node')
