'use strict'

const { equal, test, throws } = require('./runner')
const { start } = require('./start')

async function storage() {
  const { phone } = await start(() => ({}))
  return { phone, wx: phone.wx }
}

test('a missing key reads as the empty string', async () => {
  const { wx } = await storage()
  equal(wx.getStorageSync('nothing'), '')
})

test('values are copies, as JSON has them', async () => {
  const { wx } = await storage()
  /** @type {{a: unknown}} */
  const value = { a: [1, { b: null }] }
  wx.setStorageSync('key', value)
  value.a = 'changed'
  equal(wx.getStorageSync('key'), { a: [1, { b: null }] })
  wx.getStorageSync('key').a = 'changed'
  equal(wx.getStorageSync('key'), { a: [1, { b: null }] })
  wx.removeStorageSync('key')
  equal(wx.getStorageSync('key'), '')
})

test('a key holds one megabyte, a mini program ten', async () => {
  const { phone, wx } = await storage()
  const megabyte = 'x'.repeat(1024 * 1024 - 6)
  throws(() => wx.setStorageSync('key', `${megabyte}xxx`), /setStorageSync:fail entry size limit reached/)
  for (let number = 0; number < 9; number++) wx.setStorageSync(`key${number}`, megabyte)
  wx.setStorageSync('key9', megabyte.slice(5))
  throws(() => wx.setStorageSync('key10', 'x'), /exceed storage max size 10Mb/)
  wx.setStorageSync('key9', 'smaller')
  wx.setStorageSync('key10', 'x')
  equal(phone.counts.storageWrites, 14)
})

test('a key is text', async () => {
  const { wx } = await storage()
  throws(() => wx.setStorageSync(undefined, 1), /parameter.key should be String instead of Undefined/)
})

test('storage survives a restart, and only there', async () => {
  const { phone, wx } = await storage()
  wx.setStorageSync('key', { a: 1 })
  const next = phone.restart()
  equal(next.wx.getStorageSync('key'), { a: 1 })
  equal([next.counts.storageReads, next.counts.storageWrites], [1, 0])
  equal((await storage()).wx.getStorageSync('key'), '')
})

test('a hook makes storage throw, or return rubbish', async () => {
  const { phone, wx } = await storage()
  phone.hooks.storage = (operation, key) => {
    if (operation === 'set') throw new Error(`no room for ${key}`)
    if (operation === 'get') return { value: 42 }
    return undefined
  }
  throws(() => wx.setStorageSync('key', 1), /no room for key/)
  equal(wx.getStorageSync('key'), 42)
  wx.removeStorageSync('key')
  equal(phone.counts.storageRemovals, 1)
})
