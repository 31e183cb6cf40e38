'use strict'

const names = ['window', 'self', 'location', 'fetch', 'XMLHttpRequest', 'WebSocket', 'localStorage', 'document']

exports.types = {
  globals: names.some((name) => typeof this[name] !== 'undefined') ? 'defined' : 'undefined',
  window: typeof window,
  self: typeof self,
  location: typeof location,
  fetch: typeof fetch,
  XMLHttpRequest: typeof XMLHttpRequest,
  WebSocket: typeof WebSocket,
  localStorage: typeof localStorage,
  document: typeof document,
  globalThis: typeof globalThis,
  global: typeof global,
  process: typeof process,
  Buffer: typeof Buffer,
  TextEncoder: typeof TextEncoder,
  TextDecoder: typeof TextDecoder,
  WebAssembly: typeof WebAssembly,
  queueMicrotask: typeof queueMicrotask,
  URL: typeof URL,
  URLSearchParams: typeof URLSearchParams,
  structuredClone: typeof structuredClone,
  FinalizationRegistry: typeof FinalizationRegistry,
  WeakRef: typeof WeakRef,
  crypto: typeof crypto,
  performance: typeof performance,
  setImmediate: typeof setImmediate,
  readFile: typeof readFile,
}

exports.given = [
  typeof wx,
  typeof WXWebAssembly,
  typeof require,
  typeof module,
  typeof exports,
  typeof console,
  typeof setTimeout,
  typeof clearTimeout,
  typeof App,
]

exports.wx = typeof wx === 'undefined' ? undefined : wx
exports.hosts = [typeof wx, typeof WXWebAssembly, typeof tt, typeof TTWebAssembly]

exports.compile = (source) => new Function(source)
exports.isFunction = (value) => value instanceof Function
exports.app = () => getApp()
