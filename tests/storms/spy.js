/* A host between the package and wx, which tells the rules of every call and of every answer. */
'use strict'

const { secretsIn } = require('./secrets')

const OWN = 'https://api.example.com'
const FOREIGN = 'https://other.example'
const KINDS = ['request', 'uploadFile', 'downloadFile', 'connectSocket']

/**
 * @param {any} wx
 * @param {InstanceType<typeof import('./call-rules').CallRules>} calls
 * @param {InstanceType<typeof import('./session-rules').SessionRules>} session
 */
function createSpy(wx, calls, session) {
  // What finds no room takes the old value away. It stands in memory all the same.
  let hasNoRoom = false
  const spy = {
    login(options) {
      const login = session.askedForCode()
      return wx.login(
        Object.assign({}, options, {
          success(answer) {
            login.code = login.code || Object(answer).code
            options.success(answer)
          },
        }),
      )
    },
    getStorageSync: (key) => session.read(wx.getStorageSync(key)),
    setStorageSync(key, value) {
      const isUnplaced = hasNoRoom && value === ''
      if (!isUnplaced) session.stored(value)
      hasNoRoom = true
      wx.setStorageSync(key, value)
      hasNoRoom = false
    },
    removeStorageSync(key) {
      if (!hasNoRoom) session.stored(undefined)
      wx.removeStorageSync(key)
    },
  }
  for (const kind of KINDS) spy[kind] = (options) => passOn(kind, options)

  function passOn(kind, options) {
    const { url, method, header, data, formData } = options
    const text = JSON.stringify([url, header, data, formData])
    const send = { url, method, text, ids: secretsIn([text], 'id'), answers: [], failures: 0, epoch: session.epoch }
    const answered = noted(send, text)
    const success = (answer) => {
      send.answers.push(answer)
      answered(answer)
      options.success(answer)
    }
    const fail = (given) => {
      send.failures++
      options.fail(given)
    }
    const task = wx[kind](Object.assign({}, options, { success, fail }))
    if (kind === 'connectSocket' && task) {
      task.onClose(({ code }) => session.answered(send, { statusCode: code === 4401 ? 401 : 0 }))
    }
    return task
  }

  /** Tells the rules who is called. Returns what they want to hear of the answer. */
  function noted(send, text) {
    if (send.url.startsWith(`${OWN}/wx/onlogin`)) {
      session.posted(send)
      return (answer) => session.exchanged(answer)
    }
    if (send.url.startsWith(`${OWN}/wx/logout`)) {
      session.signedOut(send)
      return () => {}
    }
    const isForeign = send.url.startsWith(FOREIGN)
    const told = secretsIn([text]).filter((secret) => isForeign || !/-id-/.test(secret))
    session.that(told.length === 0, `${send.url} is told ${told}`)
    session.that(send.ids.length === 0 || session.isLive(), `${send.url} carries a session that is past its time`)
    calls.sent(Number((/\/call\/(\d+)/.exec(send.url) || [])[1]), send, session.current())
    return (answer) => session.answered(send, answer)
  }

  return spy
}

module.exports = { FOREIGN, OWN, createSpy }
