/*
 * The simulated `wx`: login, request and storage. Uploads, downloads and sockets are absent for now; they will
 * share `lanes` with requests.
 */
'use strict'

const { createDelivery } = require('./delivery')
const { createLanes } = require('./lanes')
const { createLogin } = require('./login')
const { createRequest } = require('./request')
const { createStorage } = require('./storage')
const { createWXWebAssembly } = require('./wasm')

const TRANSFERS_AT_ONCE = 10

/**
 * @typedef {object} Hooks A test replaces any of them, at any time; each is asked at each call.
 * @property {(call: {number: number}) => import('./delivery').Twist | void} login
 * @property {(call: import('./record').RequestRecord) => import('./delivery').Twist | void} request
 * @property {(operation: 'get' | 'set' | 'remove', key: string, value?: unknown) => {value?: unknown} | void} storage
 *   Throws what the call shall throw; or returns `{ value }`, which takes the place of the call.
 * @property {(call: {number: number, path: string}) => Instantiation | void} instantiate
 *
 * @typedef {{delay?: number, fail?: unknown, bare?: boolean}} Instantiation `bare`: it resolves to the Instance
 *   alone, as WeChat's typings have it.
 */

/** @returns {Hooks} */
function createHooks() {
  return { login() {}, request() {}, storage() {}, instantiate() {} }
}

/**
 * @param {object} phone What a phone gives its programs: see phone.js.
 * @returns {{wx: object, WXWebAssembly: object, failAll(failure: object): void}}
 */
function createWx(phone) {
  const delivery = createDelivery(Object.assign({ thrown: phone.record.thrown }, phone))
  const parts = Object.assign({ delivery, lanes: createLanes(TRANSFERS_AT_ONCE) }, phone)
  const { request, failAll } = createRequest(parts)
  const { getStorageSync, setStorageSync, removeStorageSync } = createStorage(parts)
  return {
    wx: { login: createLogin(parts), request, getStorageSync, setStorageSync, removeStorageSync },
    WXWebAssembly: createWXWebAssembly(parts),
    failAll
  }
}

module.exports = { createHooks, createWx }
