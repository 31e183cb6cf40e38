/* The globals that a mini program does not have, or cannot rely on. */
'use strict'

const HIDDEN = [
  // WeChat's module wrapper hides these.
  'window',
  'self',
  'location',
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'localStorage',
  'document',
  // Parts of the web that phones lack, although the developer tools have some.
  'navigator',
  'history',
  'sessionStorage',
  'indexedDB',
  'caches',
  'crypto',
  'performance',
  'Worker',
  'importScripts',
  'TextEncoder',
  'TextDecoder',
  'URL',
  'URLSearchParams',
  'Headers',
  'Request',
  'Response',
  'FormData',
  'Blob',
  'File',
  'FileReader',
  'AbortController',
  'AbortSignal',
  'Event',
  'EventTarget',
  'MessageChannel',
  'BroadcastChannel',
  'ReadableStream',
  'atob',
  'btoa',
  'queueMicrotask',
  'structuredClone',
  'requestAnimationFrame',
  // Too new for the oldest phones.
  'globalThis',
  'WeakRef',
  'FinalizationRegistry',
  'BigInt',
  'BigInt64Array',
  'BigUint64Array',
  // WXWebAssembly replaces it.
  'WebAssembly',
  // Globals of Node and of JavaScriptCore's shell.
  'global',
  'process',
  'Buffer',
  'setImmediate',
  'clearImmediate',
  '__dirname',
  '__filename',
  'print',
  'load',
  'readFile',
  'quit',
  'runString',
  'createGlobalObject',
  'programArguments',
]

/** @returns {{[name: string]: undefined}} */
function hiddenGlobals() {
  const hidden = {}
  for (const name of HIDDEN) hidden[name] = undefined
  return hidden
}

/** `Function` as mini programs have it: it compiles nothing but `return this`, which returns an object. */
function onlyReturnThis() {
  const programGlobal = {}
  const compile = (source) => {
    if (source.length !== 1 || !/^\s*return this;?\s*$/.test(source[0])) {
      throw new EvalError('Function: code generation from strings is disallowed')
    }
    return () => programGlobal
  }
  return new Proxy(Function, {
    apply: (target, self, source) => compile(source),
    construct: (target, source) => compile(source),
  })
}

module.exports = { hiddenGlobals, onlyReturnThis }
