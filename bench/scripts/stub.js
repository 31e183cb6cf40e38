/* A wx that answers in the same turn, so that only the library takes time. */
'use strict'

const { platform } = require('../../simulator/phone')
const { signedIn } = require('./answers')

const LOGIN_URL = 'https://api.example.com/wx/onlogin'
const CALL_URL = 'https://api.example.com/wx/products/list'

const ANSWER = {
  statusCode: 200,
  header: { 'Content-Type': 'application/json' },
  cookies: [],
  data: { products: [] },
  errMsg: 'request:ok',
}
const SIGNED_IN = Object.assign({}, ANSWER, {
  data: signedIn('an-id-of-the-usual-length-which-is-seventy-six-characters-in-base64url-0123456'),
})
const KEY = 'ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY'
const REFUSED = Object.assign({}, ANSWER, { statusCode: 401, data: { code: 'session_missing' } })
const TASK = {
  abort() {},
  onHeadersReceived() {},
  offHeadersReceived() {},
  onChunkReceived() {},
  offChunkReceived() {},
}

/** Answers every request alike, at almost no cost. */
function answer(options) {
  if (options.success) options.success(ANSWER)
  if (options.complete) options.complete(ANSWER)
  return TASK
}

/**
 * A wx that signs in and refuses calls without a session.
 * @param {Map<string, unknown>} shelf What an earlier start stored.
 */
function createStub(shelf) {
  return {
    login: ({ success }) => success({ code: 'a-code', errMsg: 'login:ok' }),
    checkSession: ({ success }) => success({ errMsg: 'checkSession:ok' }),
    getUserInfo: ({ success }) => success({ userInfo: {}, encryptedData: '', iv: '' }),
    request(options) {
      const result = options.url === LOGIN_URL ? issued(options) : isSignedIn(options) ? ANSWER : REFUSED
      if (options.success) options.success(result)
      if (options.complete) options.complete(result)
      return TASK
    },
    getStorageSync: (key) => (shelf.has(key) ? shelf.get(key) : ''),
    setStorageSync: (key, value) => void shelf.set(key, value),
    removeStorageSync: (key) => void shelf.delete(key),
    onSocketOpen() {},
    onSocketClose() {},
    onSocketMessage() {},
    onSocketError() {},
  }
}

/** A session, with a key where the program asks for one. */
function issued({ data }) {
  return Object(data).proof
    ? Object.assign({}, SIGNED_IN, { data: Object.assign({ key: KEY }, SIGNED_IN.data) })
    : SIGNED_IN
}

/** Whether a request carries a session in any of the protocols. */
function isSignedIn({ header }) {
  return Object.keys(Object(header)).some((name) => /^(sessionid|x-wx-skey)$/i.test(name) && header[name])
}

/** @param {Uint8Array} bytes The only module. */
function createWXWebAssembly(bytes) {
  return { instantiate: (path, imports) => platform.WebAssembly.instantiate(bytes, imports) }
}

module.exports = { CALL_URL, LOGIN_URL, answer, createStub, createWXWebAssembly, isSignedIn }
