/* What a test can learn from a phone: how often wx was called, with what, and what went wrong in callbacks. */
'use strict'

/**
 * @typedef {object} RequestRecord
 * @property {number} number From 1, in the order of the calls.
 * @property {string} method
 * @property {string} url With the query that `data` became.
 * @property {string} path Without it.
 * @property {{[name: string]: string}} header As sent.
 * @property {unknown} data The option as it was given.
 * @property {Uint8Array} bytes The body as sent.
 * @property {'queued' | 'sent' | 'answered' | 'failed'} state
 * @property {number} [statusCode]
 * @property {unknown} [failure] What `fail` was given.
 */

function createRecord() {
  return {
    counts: {
      logins: 0,
      requests: 0,
      /** @type {{[path: string]: number}} */
      requestsByPath: {},
      storageReads: 0,
      storageWrites: 0,
      storageRemovals: 0,
      instantiations: 0
    },
    /** @type {RequestRecord[]} */
    requests: [],
    /** @type {Array<{where: string, error: unknown}>} What callbacks, listeners and timers threw. */
    thrown: [],
    /** @type {Array<{level: string, values: unknown[]}>} What the program wrote to its console. */
    console: []
  }
}

/** Counts a request and keeps its record. */
function noteRequest(record, sent, data) {
  const { counts, requests } = record
  const { method, url, path, header, bytes } = sent
  const entry = { number: requests.length + 1, method, url, path, header, data, bytes, state: 'queued' }
  counts.requests++
  counts.requestsByPath[path] = (counts.requestsByPath[path] || 0) + 1
  requests.push(entry)
  return entry
}

module.exports = { createRecord, noteRequest }
