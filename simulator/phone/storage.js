/* wx's storage: values as JSON, one megabyte a key, ten megabytes in all. */
'use strict'

const { badParameter, failure } = require('./failures')
const utf8 = require('./utf8')

const KEY_LIMIT = 1024 * 1024
const TOTAL_LIMIT = 10 * 1024 * 1024

/** @param {import('./wx').Parts} phone */
function createStorage({ shelf, hooks, record }) {
  const { counts } = record
  const sizes = new Map()
  shelf.forEach((text, key) => sizes.set(key, sizeOf(key, text)))

  function getStorageSync(key) {
    counts.storageReads++
    checkKey('getStorageSync', key)
    const replaced = hooks.storage('get', key)
    if (replaced) return replaced.value
    return shelf.has(key) ? JSON.parse(shelf.get(key)) : ''
  }

  function setStorageSync(key, value) {
    counts.storageWrites++
    checkKey('setStorageSync', key)
    if (hooks.storage('set', key, value)) return
    const text = value === undefined ? '""' : JSON.stringify(value)
    if (text === undefined) throw thrown('setStorageSync:fail data cannot be stored')
    const size = sizeOf(key, text)
    if (size > KEY_LIMIT) throw thrown('setStorageSync:fail entry size limit reached')
    const others = sum(sizes) - (sizes.get(key) || 0)
    if (others + size > TOTAL_LIMIT) throw thrown('setStorageSync:fail exceed storage max size 10Mb')
    shelf.set(key, text)
    sizes.set(key, size)
  }

  function removeStorageSync(key) {
    counts.storageRemovals++
    checkKey('removeStorageSync', key)
    if (hooks.storage('remove', key)) return
    shelf.delete(key)
    sizes.delete(key)
  }

  return { getStorageSync, setStorageSync, removeStorageSync }
}

function checkKey(call, key) {
  if (typeof key !== 'string') throw thrown(failure(call, badParameter('key', 'String', key)).errMsg)
}

function thrown(errMsg) {
  return Object.assign(new Error(errMsg), { errMsg })
}

function sizeOf(key, text) {
  return utf8.lengthOf(key) + utf8.lengthOf(text)
}

function sum(sizes) {
  let bytes = 0
  sizes.forEach((size) => {
    bytes += size
  })
  return bytes
}

module.exports = { createStorage }
