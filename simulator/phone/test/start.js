/* A phone with a backend, and calls that can be awaited. */
'use strict'

const { platform, serve, startPhone } = require('../index')

/** The tests' code package, beside this file; jsc has no `__dirname`. */
const root = /** @type {any} */ (module).id.replace(/start\.js$/, 'package')

/**
 * @param {import('../backend').Backend} backend
 * @param {Partial<import('../phone').PhoneOptions>} [options]
 */
async function start(backend, options) {
  const server = await serve(backend)
  const phone = startPhone(Object.assign({ root }, options))
  return { phone, url: server.url, close: server.close }
}

/**
 * Calls a method of wx and gives what its callbacks were called with, in order.
 *
 * @param {Function} method
 * @param {object} [options]
 * @param {(task: any) => void} [watch]
 * @returns {Promise<any[]>}
 */
function called(method, options, watch) {
  return new Promise((resolve) => {
    const calls = []
    const note = (name) => (value) => calls.push([name, value])
    const complete = (value) => {
      calls.push(['complete', value])
      resolve(calls)
    }
    const task = method(Object.assign({}, options, { success: note('success'), fail: note('fail'), complete }))
    if (watch) watch(task)
  })
}

/**
 * What `success` was given.
 *
 * @param {Function} method
 * @param {object} [options]
 * @param {(task: any) => void} [watch]
 */
async function successOf(method, options, watch) {
  const calls = await called(method, options, watch)
  if (calls[0][0] !== 'success') throw new Error(`failed: ${JSON.stringify(calls[0][1])}`)
  return calls[0][1]
}

/**
 * What `fail` was given.
 *
 * @param {Function} method
 * @param {object} [options]
 * @param {(task: any) => void} [watch]
 */
async function failureOf(method, options, watch) {
  const calls = await called(method, options, watch)
  if (calls[0][0] !== 'fail') throw new Error('succeeded')
  return calls[0][1]
}

module.exports = { called, failureOf, platform, root, start, successOf }
