// What a call hears: answers as wx has them, and why a call fails.

import assert from 'node:assert/strict'
import test from 'node:test'
import { API, bodyAt, gone, path } from './api.mjs'
import { awaited, opened, serve, shared } from './world.mjs'

/** Answers by what is special about them, each with the data that is expected. */
const ANSWERS = {
  JSON: [bodyAt('{"a":[1]}', { type: 'application/json' }), {}, { a: [1] }],
  'JSON of any type of content': [bodyAt('7'), {}, 7],
  'JSON after a byte order mark': [bodyAt('\uFEFF{"a":1}'), {}, { a: 1 }],
  text: [bodyAt('龙井', { type: 'text/plain' }), {}, '龙井'],
  'JSON as text': [bodyAt('{"a":1}'), { dataType: 'text' }, '{"a":1}'],
  nothing: [bodyAt('', { status: 204 }), {}, ''],
}

for (const [what, [url, options, data]] of /** @type {[string, any[]][]} */ (Object.entries(ANSWERS))) {
  test(`hears ${what}`, async () => {
    const page = await shared()
    const { success } = await page.evaluate((call) => ended(browser(), 'request', call), { url, ...options })
    assert.deepEqual(success.data, data)
    assert.equal(success.errMsg, 'request:ok')
  })
}

test('hears bytes, and a list', async () => {
  const page = await shared()
  const found = await page.evaluate(
    async (url) => {
      const { success } = await ended(browser(), 'request', { url, responseType: 'arraybuffer' })
      return { isBuffer: success.data instanceof ArrayBuffer, bytes: Array.from(new Uint8Array(success.data)) }
    },
    bodyAt(Buffer.of(0, 255, 10)),
  )
  assert.deepEqual(found, { isBuffer: true, bytes: [0, 255, 10] })
})

test('every status is a success, with the headers that the server exposes', async () => {
  const page = await shared()
  for (const status of [200, 304, 401, 404, 503]) {
    const { success } = await page.evaluate((url) => ended(browser(), 'request', { url }), bodyAt('{}', { status }))
    assert.equal(success.statusCode, status)
    assert.deepEqual([success.header['x-theirs'], success.header['x-hidden'], success.cookies], ['seen', undefined, []])
  }
})

test('an abort fails the call, once, and closes the connection', async (t) => {
  const page = await opened(t)
  const asked = awaited()
  const url = path('aborted', (request, response) => asked.resolve(response))
  const ending = page.evaluate((url) => {
    window.endings = 0
    return ended(browser(), 'request', { url, complete: () => window.endings++ }, (task) => (window.task = task))
  }, url)
  const isGone = gone(await asked.promise)
  await page.evaluate(() => window.task.abort())
  assert.deepEqual(await ending, { fail: { errMsg: 'request:fail abort' } })
  await isGone
  await page.evaluate(() => window.task.abort())
  assert.equal(await page.evaluate(() => window.endings), 1)
})

test('a timeout has its number, also where it comes in the middle of a body', async (t) => {
  const page = await opened(t)
  const late = [path('silent', () => {}), path('stuck', (request, response) => response.write('{'))]
  for (const url of late) {
    const ending = await page.evaluate((url) => ended(browser(), 'request', { url, timeout: 300 }), url)
    assert.deepEqual(ending, { fail: { errMsg: 'request:fail timeout', errno: 5 } })
  }
})

test('no network, a broken body and a page that CORS does not name fail with the number of the network', async (t) => {
  const page = await opened(t)
  const closed = await serve(() => {})
  await new Promise((resolve) => closed.server.close(resolve))
  const other = await serve((request, response) => response.end('{}'))
  const cut = path('cut', (request, response) => {
    response.writeHead(200, { 'content-length': '9' })
    response.write('{', () => request.socket.destroy())
  })
  for (const url of [closed.url, other.url, cut]) {
    const { fail } = await page.evaluate((url) => ended(browser(), 'request', { url }), url)
    assert.equal(fail.errno, 600001)
    assert.match(fail.errMsg, /^request:fail ./)
    if (url !== cut) assert.match(fail.errMsg, /no network, or CORS does not allow this page$/)
  }
})

test('chunks come as the server sends them, after the headers', async (t) => {
  const page = await opened(t)
  const served = awaited()
  const url = path('chunks', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    served.resolve(response)
    response.flushHeaders()
  })
  await page.evaluate((url) => {
    window.heard = []
    window.ending = ended(browser(), 'request', { url, enableChunked: true }, (task) => {
      task.onHeadersReceived(({ statusCode }) => window.heard.push(statusCode))
      task.onChunkReceived(({ data }) => window.heard.push(new TextDecoder().decode(data)))
    })
  }, url)
  const response = await served.promise
  const heard = ['status', 'one', 'two'].map((_, place) => [200, 'one', 'two'].slice(0, place + 1))
  for (const expected of heard) {
    if (expected.length > 1) response.write(expected[expected.length - 1])
    await page.waitForFunction((length) => window.heard.length === length, expected.length)
    assert.deepEqual(await page.evaluate(() => window.heard), expected)
  }
  response.end()
  const { success } = await page.evaluate(() => window.ending)
  assert.deepEqual([success.statusCode, success.data], [200, ''])
})

test('nobody hears through the cache what another session was answered, unless the call allows it', async (t) => {
  const page = await opened(t)
  const counts = { asked: 0 }
  const url = path('cached', (request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.end(String(++counts.asked))
  })
  const ask = (enableCache) => page.evaluate((call) => ended(browser(), 'request', call), { url, enableCache })
  const answers = []
  for (const enableCache of [undefined, undefined, true, true]) answers.push((await ask(enableCache)).success.data)
  assert.deepEqual(answers, [1, 2, 3, 3])
})

test('a listener that is taken away hears nothing', async (t) => {
  const page = await opened(t)
  const heard = await page.evaluate(async (url) => {
    const heard = []
    const hear = (name) => () => heard.push(name)
    const [one, two] = [hear('one'), hear('two')]
    await ended(browser(), 'request', { url }, (task) => {
      task.onHeadersReceived(one)
      task.onHeadersReceived(two)
      task.offHeadersReceived(one)
    })
    await ended(browser(), 'request', { url }, (task) => {
      task.onHeadersReceived(one)
      task.offHeadersReceived()
    })
    return heard
  }, `${API}/echo`)
  assert.deepEqual(heard, ['two'])
})
