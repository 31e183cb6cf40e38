// The options of the host, its storage and its codes.

import assert from 'node:assert/strict'
import test from 'node:test'
import { opened, shared } from './world.mjs'

const WRONG = {
  login: ["'code'", 'login: must be a function that gives a code'],
  storage: ['{}', 'storage: must be localStorage or sessionStorage'],
  credentials: ["'all'", 'credentials: must be omit, same-origin or include'],
  socketProtocols: ["['chat']", 'socketProtocols: must be a function that gives a list'],
  logn: ['() => 1', 'logn: must be login, storage, credentials, socketProtocols'],
}

for (const [name, [value, message]] of Object.entries(WRONG)) {
  test(`a wrong option is named: ${name}`, async () => {
    const page = await shared()
    const script = `try { browser({ ${name}: ${value} }) } catch ({ code, message }) { [code, message] }`
    assert.deepEqual(await page.evaluate(script), ['invalid_option', message])
  })
}

test('what is stored is there in the next page, and what is missing is an empty string, as with wx', async (t) => {
  const page = await opened(t)
  const read = () => page.evaluate(() => ['kept', 'gone', 'none'].map((key) => browser().getStorageSync(key)))
  await page.evaluate(() => {
    browser().setStorageSync('kept', { id: 'a', list: [1] })
    browser().setStorageSync('gone', 'b')
    browser().removeStorageSync('gone')
  })
  assert.deepEqual(await read(), [{ id: 'a', list: [1] }, '', ''])
  await page.reload()
  assert.deepEqual(await read(), [{ id: 'a', list: [1] }, '', ''])
})

test('the storage of one tab is that tab’s alone', async (t) => {
  const page = await opened(t)
  const kept = await page.evaluate(() => {
    browser({ storage: sessionStorage }).setStorageSync('key', 'a')
    return [localStorage.getItem('key'), sessionStorage.getItem('key')]
  })
  assert.deepEqual(kept, [null, '"a"'])
})

test('without a login of the app’s each code is another', async (t) => {
  const page = await opened(t)
  const codes = await page.evaluate(() => Promise.all([1, 2].map(() => ended(browser(), 'login', {}))))
  assert.match(codes[0].success.code, /^\d+-\d+-\d+-\d+$/)
  assert.notEqual(codes[0].success.code, codes[1].success.code)
})

test('a login gives a code at once or later, and what it throws is why it fails', async (t) => {
  const page = await opened(t)
  const endings = await page.evaluate(() => {
    const logins = [
      () => 'now',
      async () => 'later',
      () => {
        throw Error('closed by the user')
      },
      () => Promise.reject('no error'),
    ]
    return Promise.all(logins.map((login) => ended(browser({ login }), 'login', {})))
  })
  assert.deepEqual(endings, [
    { success: { code: 'now', errMsg: 'login:ok' } },
    { success: { code: 'later', errMsg: 'login:ok' } },
    { fail: { errMsg: 'login:fail closed by the user' } },
    { fail: { errMsg: 'login:fail undefined' } },
  ])
})
