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
 * @typedef {object} Hooks Run at each call. A test may replace any of them at any time.
 * @property {(call: {number: number}) => import('./delivery').Twist | void} login
 * @property {(call: import('./record').RequestRecord) => import('./delivery').Twist | void} request
 * @property {(call: import('./record').UploadRecord) => import('./delivery').Twist | void} uploadFile
 * @property {(call: import('./record').DownloadRecord) => import('./delivery').Twist | void} downloadFile
 * @property {(call: import('./socket').SocketRecord) => import('./delivery').Twist | void} connectSocket
 * @property {(operation: 'get' | 'set' | 'remove', key: string, value?: unknown) => {value?: unknown} | void} storage
 *   Throws an error for the call to throw, or returns `{ value }` to replace the call.
 * @property {(call: {number: number, path: string}) => Instantiation | void} instantiate
 *
 * @typedef {{delay?: number, fail?: unknown, bare?: boolean}} Instantiation `bare`: the promise resolves to the
 *   Instance alone, as WeChat's typings say.
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
 * @typedef {object} Phone What wx knows of the phone; phone.js explains each option.
 * @property {{appid: string, domains?: string[], host: import('./hosts').Host, isSignedIn: boolean}} app
 * @property {import('./memory').Network} network
 * @property {() => string | Promise<string>} newCode
 * @property {boolean} sameTick
 * @property {(method: string) => boolean} headersCarryStatus
 * @property {boolean} resultsCarryHeader
 * @property {boolean} closeAfterError
 * @property {(failure: any) => unknown} wording
 * @property {import('./background').Background} background
 * @property {Map<string, Uint8Array>} files
 * @property {Hooks} hooks
 * @property {import('./platform/index').Platform} platform
 * @property {ReturnType<typeof import('./record').createRecord>} record
 * @property {string} root The folder of the code package.
 * @property {Map<string, string>} shelf The stored values, as JSON. They outlive the program.
 * @property {import('./platform/index').Timers} timers
 * @property {PromiseConstructor} Promise The program's.
 *
 * @typedef {object} Wx What the methods of wx share.
 * @property {ReturnType<typeof createDelivery>} delivery
 * @property {(call: string, reason: import('./failures').Reason) => unknown} failure
 * @property {ReturnType<typeof createLanes>} lanes
 * @property {Set<{fail(reason: import('./failures').Reason): void}>} live The transfers and sockets under way.
 *
 * @typedef {Phone & Wx} Parts
 */

/**
 * `failAll` ends all transfers, queued ones too, and all sockets, as a change of network does.
 *
 * @param {Phone} phone
 */
function createWx(phone) {
  /** @type {Wx['live']} */
  const live = new Set()
  /** @type {Parts} */
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
    /** @param {import('./failures').Reason} reason */
    failAll(reason) {
      for (const call of Array.from(live)) call.fail(reason)
    },
  }
}

module.exports = { createHooks, createWx }
