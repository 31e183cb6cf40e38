/* What a test can ask a phone: how often wx was called, with what arguments, and which callbacks threw. */
'use strict'

/**
 * @typedef {object} RequestRecord
 * @property {number} number From 1, in the order of the calls.
 * @property {string} method
 * @property {string} url With the query that `data` became.
 * @property {string} path Without the query.
 * @property {{[name: string]: string}} header As sent.
 * @property {unknown} data The option as it was given.
 * @property {Uint8Array} bytes The body as sent.
 * @property {'queued' | 'sent' | 'answered' | 'failed'} state
 * @property {number} [statusCode]
 * @property {unknown} [failure] What `fail` got.
 *
 * @typedef {RequestRecord & {filePath: string, name: string, formData?: object}} UploadRecord
 * @typedef {RequestRecord & {filePath?: string}} DownloadRecord
 */

function createRecord() {
  return {
    counts: {
      logins: 0,
      requests: 0,
      /** @type {{[path: string]: number}} */
      requestsByPath: {},
      uploads: 0,
      downloads: 0,
      sockets: 0,
      storageReads: 0,
      storageWrites: 0,
      storageRemovals: 0,
      instantiations: 0,
    },
    /** @type {RequestRecord[]} */
    requests: [],
    /** @type {UploadRecord[]} */
    uploads: [],
    /** @type {DownloadRecord[]} */
    downloads: [],
    /** @type {import('./socket').SocketRecord[]} */
    sockets: [],
    /** @type {Array<{where: string, error: any}>} What callbacks, listeners and timers threw. */
    thrown: [],
    /** @type {Array<{level: string, values: unknown[]}>} What the program wrote to its console. */
    console: [],
  }
}

/**
 * Counts a call over the network and keeps its record.
 *
 * @param {ReturnType<typeof createRecord>} record
 * @param {'requests' | 'uploads' | 'downloads' | 'sockets'} list
 * @param {{path: string, problem?: unknown}} sent
 * @param {object} [more]
 * @returns {any} The record.
 */
function note(record, list, sent, more) {
  const { counts } = record
  /** @type {any} */
  const entry = Object.assign({ number: record[list].length + 1 }, sent, more, { state: 'queued' })
  delete entry.problem
  counts[list]++
  if (list === 'requests') counts.requestsByPath[sent.path] = (counts.requestsByPath[sent.path] || 0) + 1
  record[list].push(entry)
  return entry
}

module.exports = { createRecord, note }
