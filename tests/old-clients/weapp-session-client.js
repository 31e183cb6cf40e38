/*
 * A stand-in for weapp-session-client (2016), which no registry has. It does on the wire and to its callers what that client
 * does, mistakes included: they are what a server has to live with.
 */
'use strict'

const MARKER = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'
const REQUESTS = 4

// Taken once, when the program loads this file.
const login = promised(wx.login)
const getUserInfo = promised(wx.getUserInfo)

/** Forgotten when the program ends, so that every start signs in. */
let currentCode
/** Shared by calls in parallel. One that fails is never forgotten, and fails every later call. */
let pending

function request(options) {
  return attempt(options, 1)
}

async function attempt(options, number) {
  const callFail = (error) => {
    if (options.fail) options.fail(error)
    if (options.complete) options.complete(error)
    throw error
  }
  if (number > REQUESTS) callFail(new Error('请求失败次数过多'))
  // The caller's `header` is lost: it is `headers` that goes out.
  const header = Object.assign({}, options.headers)
  if (currentCode) {
    header['X-WX-Code'] = currentCode
  } else {
    const { code, rawData, signature } = await signIn()
    header['X-WX-Code'] = code
    header['X-WX-RawData'] = encodeURIComponent(rawData)
    header['X-WX-Signature'] = signature || ''
  }
  return wx.request(
    Object.assign({}, options, {
      header,
      complete: undefined,
      fail: callFail,
      success(res) {
        // A body that is no object throws here, and nobody hears of it.
        if (!(MARKER in res.data)) {
          if (options.success) options.success(res)
          if (options.complete) options.complete(res)
          return
        }
        switch (res.data.reason) {
          case 'ERR_SESSION_EXPIRED':
          case 'ERR_SESSION_KEY_EXCHANGE_FAILED':
            currentCode = undefined
            attempt(options, number + 1)
            return
          default:
            // The code is kept, though no server knows it.
            callFail(res.data.error)
        }
      },
    }),
  )
}

function signIn() {
  if (!pending) {
    pending = login().then(({ code }) =>
      getUserInfo().then(({ rawData, signature }) => {
        currentCode = code
        pending = undefined
        return { code, rawData, signature }
      }),
    )
  }
  return pending
}

function promised(method) {
  return (options) =>
    new Promise((resolve, reject) => method(Object.assign({}, options, { success: resolve, fail: reject })))
}

module.exports = request
