/* The simulated `wx` or `tt`: login, request, uploads, downloads, sockets and storage. */
'use strict'

const { createDelivery } = require('./delivery')
const { downloadFile } = require('./download')
const { createLanes } = require('./lanes')
const { createLogin } = require('./login')
const { request } = require('./request')
const { createConnectSocket } = require('./socket')
const { createStorage } = require('./storage')
const { createTransfer } = require('./transfer')
const { uploadFile } = require('./upload')
const { createLoader } = require('./wasm')

const TRANSFERS_AT_ONCE = 10

/**
 * @typedef {object} Hooks A test replaces any of them, at any time; each is asked at each call.
 * @property {(call: {number: number}) => import('./delivery').Twist | void} login
 * @property {(call: import('./record').RequestRecord) => import('./delivery').Twist | void} request
 * @property {(call: import('./record').UploadRecord) => import('./delivery').Twist | void} uploadFile
 * @property {(call: import('./record').DownloadRecord) => import('./delivery').Twist | void} downloadFile
 * @property {(call: import('./socket').SocketRecord) => import('./delivery').Twist | void} connectSocket
 * @property {(operation: 'get' | 'set' | 'remove', key: string, value?: unknown) => {value?: unknown} | void} storage
 *   Throws what the call shall throw; or returns `{ value }`, which takes the place of the call.
 * @property {(call: {number: number, path: string}) => Instantiation | void} instantiate
 *
 * @typedef {{delay?: number, fail?: unknown, bare?: boolean}} Instantiation `bare`: it resolves to the Instance
 *   alone, as WeChat's typings have it.
 */

/** @returns {Hooks} */
function createHooks() {
  return {
    login() {},
    request() {},
    uploadFile() {},
    downloadFile() {},
    connectSocket() {},
    storage() {},
    instantiate() {},
  }
}

/**
 * @param {object} phone What a phone gives its programs: see phone.js.
 * @returns {{methods: object, loader: object, failAll(reason: import('./failures').Reason): void}} `failAll` ends
 *   everything that is queued or in flight, and the sockets, as a change of network does.
 */
function createWx(phone) {
  const live = new Set()
  const parts = Object.assign(
    {
      delivery: createDelivery(Object.assign({ thrown: phone.record.thrown }, phone)),
      failure: (call, reason) => phone.wording(phone.app.host.failure(call, reason)),
      lanes: createLanes(TRANSFERS_AT_ONCE),
      live,
    },
    phone,
  )
  return {
    methods: Object.assign(
      {
        login: createLogin(parts),
        request: createTransfer(parts, request),
        uploadFile: createTransfer(parts, uploadFile),
        downloadFile: createTransfer(parts, downloadFile),
        connectSocket: createConnectSocket(parts),
      },
      createStorage(parts),
    ),
    loader: createLoader(parts),
    failAll(reason) {
      for (const call of Array.from(live)) call.fail(reason)
    },
  }
}

module.exports = { createHooks, createWx }
