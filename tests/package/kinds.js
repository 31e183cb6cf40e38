/* The kinds of calls that carry a session, for tests that cover all of them. */
'use strict'

/** A file that lies on every phone. */
const PHOTO = 'wxfile://photo.jpg'

/** For each kind, its place in the phone's record, and the options that it needs besides a URL. */
const KINDS = {
  request: { list: 'requests', own: {} },
  uploadFile: { list: 'uploads', own: { filePath: PHOTO, name: 'photo' } },
  downloadFile: { list: 'downloads', own: {} },
  connectSocket: { list: 'sockets', own: {} },
}

/** All kinds with one answer; a socket has none. */
const transfers = ['request', 'uploadFile', 'downloadFile']
const kinds = transfers.concat('connectSocket')

/** Makes a call of this kind to the backend. */
function make(world, kind, path, options) {
  const base = kind === 'connectSocket' ? world.url.replace('http', 'ws') : world.url
  return world.session[kind](Object.assign({ url: base + path }, KINDS[kind].own, options))
}

/** The calls of this kind that wx received for one path. */
function sends(world, kind, path) {
  return world.phone[KINDS[kind].list].filter((entry) => entry.path === path)
}

/** The backend's text in the answer to a call of this kind. */
function said(world, kind, answer) {
  if (kind === 'request') return answer.data
  if (kind === 'uploadFile') return JSON.parse(answer.data)
  const bytes = world.phone.files.get(answer.filePath || answer.tempFilePath)
  return JSON.parse(String.fromCharCode.apply(null, bytes))
}

/** Callbacks that record what they hear, as `success 200` or `fail aborted`. */
function noting(heard) {
  const note = (name) => (value) => {
    const { code, statusCode } = Object(value)
    heard.push(`${name} ${code || statusCode || 'ok'}`)
  }
  return { success: note('success'), fail: note('fail'), complete: note('complete') }
}

const EVENTS = ['HeadersReceived', 'ChunkReceived', 'ProgressUpdate', 'Open', 'Message', 'Error', 'Close']

/**
 * Takes calls of this kind out of wx's hands: `options` are what wx received, `tell` reports an event, `aborts` counts.
 * Calls to `/wx/` are left to the phone.
 */
function byHand(world, kind) {
  const native = world.phone.wx[kind]
  const sent = []
  world.phone.wx[kind] = (options) => {
    if (options.url.indexOf(`${world.url}/wx/`) === 0) return native(options)
    const listeners = []
    const send = {
      options,
      aborts: 0,
      tell: (event, value) =>
        listeners.forEach(([name, listener]) => {
          if (name === event) listener(value)
        }),
    }
    const task = {
      abort() {
        send.aborts++
      },
    }
    for (const event of EVENTS)
      task[`on${event}`] = (listener) => {
        listeners.push([event, listener])
      }
    sent.push(send)
    return task
  }
  return sent
}

function deeplyFrozen(value) {
  for (const name of Object.keys(value)) {
    if (Object(value[name]) === value[name]) deeplyFrozen(value[name])
  }
  return Object.freeze(value)
}

module.exports = { PHOTO, byHand, deeplyFrozen, kinds, make, noting, said, sends, transfers }
