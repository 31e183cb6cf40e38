// What leaves the browser is what would leave a phone.

import assert from 'node:assert/strict'
import test from 'node:test'
import outgoing from '../../simulator/phone/outgoing.js'
import hosts from '../../simulator/phone/hosts.js'
import { API } from './api.mjs'
import { opened, shared } from './world.mjs'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' }
const DATA = { name: '龙井 & 茶=1', count: 2, none: null, list: [1, { a: 'b' }], yes: true }

/** Options by what is special about them. */
const CALLS = {
  'a GET': {},
  'a GET with an object': { data: DATA },
  'a GET with an object after a query and before a fragment': { url: '/echo?a=1#top', data: DATA },
  'a GET with text': { data: 'a=1&b=2' },
  'a GET with an empty object': { data: {} },
  'a GET with null': { data: null },
  'a method in small letters': { method: 'post', data: DATA },
  'an object as JSON': { method: 'POST', data: DATA },
  'a list as JSON': { method: 'POST', data: [1, 'a', null] },
  'an object as a form': { method: 'POST', header: FORM, data: DATA },
  'text as it is': { method: 'POST', data: '{"a":1}' },
  'text with a type': { method: 'POST', header: { 'content-type': 'text/plain' }, data: '龙井' },
  'a number': { method: 'PUT', data: 5 },
  false: { method: 'PUT', data: false },
  'a POST without data': { method: 'POST' },
  'a POST with null': { method: 'POST', data: null },
  'a DELETE with data': { method: 'DELETE', data: { id: 1 } },
  'headers of the app': { header: { 'X-Mine': 'a b', sessionid: '0'.repeat(76) } },
}

for (const [what, options] of Object.entries(CALLS)) {
  test(`goes as a phone sends it: ${what}`, async () => {
    const page = await shared()
    const call = { ...options, url: API + (options.url ?? '/echo') }
    const { success } = await page.evaluate((call) => ended(browser(), 'request', call), call)
    const { method, url, headers, bytes } = success.data
    const phone = outgoing.outgoing(call, { appid: '', host: hosts.hosts.wx })
    assert.equal(method, phone.method)
    assert.equal(url, phone.url.slice(API.length))
    assert.deepEqual(bytes, Array.from(phone.bytes))
    for (const [name, value] of Object.entries(phone.header)) {
      // What has no body needs no type, and no question beforehand whether it may have one.
      const expected = name.toLowerCase() === 'content-type' && phone.method === 'GET' ? undefined : value
      if (!/referer|user-agent/i.test(name)) assert.equal(headers[name.toLowerCase()], expected, name)
    }
  })
}

test('bytes go as they are, of a buffer and of a view', async () => {
  const page = await shared()
  const found = await page.evaluate(async (url) => {
    const bytes = Uint8Array.of(0, 255, 128, 7)
    const all = [bytes.buffer, bytes.subarray(1, 3)]
    return Promise.all(all.map((data) => ended(browser(), 'request', { url, method: 'POST', data })))
  }, `${API}/echo`)
  assert.deepEqual(
    found.map(({ success }) => success.data.bytes),
    [
      [0, 255, 128, 7],
      [255, 128],
    ],
  )
})

test('a header without a value is left out', async () => {
  const page = await shared()
  const { success } = await page.evaluate((url) => {
    const header = { 'x-mine': undefined, sessionid: null }
    return ended(browser(), 'request', { url, header })
  }, `${API}/echo`)
  assert.equal(success.data.headers['x-mine'], undefined)
  assert.equal(success.data.headers.sessionid, undefined)
})

test('a header that the browser refuses fails the call, and is not repeated', async () => {
  const page = await shared()
  const { fail } = await page.evaluate(
    (url) => ended(browser(), 'request', { url, header: { 'x-mine': '秘密' } }),
    `${API}/echo`,
  )
  assert.match(fail.errMsg, /^request:fail /)
  assert.doesNotMatch(fail.errMsg, /秘密/)
})

test('cookies stay at home unless the option says otherwise', async (t) => {
  const page = await opened(t, (context) => context.addCookies([{ name: 'a', value: '1', url: API }]))
  const cookies = await page.evaluate(async (url) => {
    const hosts = [browser(), browser({ credentials: 'include' })]
    const answers = await Promise.all(hosts.map((host) => ended(host, 'request', { url })))
    return answers.map(({ success }) => success.data.headers.cookie)
  }, `${API}/echo`)
  assert.deepEqual(cookies, [undefined, 'a=1'])
})
