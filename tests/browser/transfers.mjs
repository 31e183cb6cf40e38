// Uploads and downloads.

import assert from 'node:assert/strict'
import test from 'node:test'
import multipart from '../../simulator/phone/multipart.js'
import { API, bodyAt, path } from './api.mjs'
import { opened } from './world.mjs'

const ECHO = `${API}/echo`

/** What came with an upload, whose answer is text. */
function formIn({ success }) {
  const { method, headers, bytes } = JSON.parse(success.data)
  return { method, headers, form: multipart.decode(headers['content-type'], Uint8Array.from(bytes)) }
}

test('a file goes up with its fields, from an object URL or as it is', async (t) => {
  const page = await opened(t)
  const endings = await page.evaluate((url) => {
    const file = new File([Uint8Array.of(1, 2, 255)], 'cat.png', { type: 'image/png' })
    const formData = { title: '龙井', more: { a: 1 } }
    const header = { 'Content-Type': 'text/plain', 'x-mine': 'a' }
    const calls = [{ filePath: file }, { filePath: URL.createObjectURL(file), fileName: 'dog.png' }]
    return Promise.all(
      calls.map((call) => ended(browser(), 'uploadFile', { url, header, name: 'picture', formData, ...call })),
    )
  }, ECHO)
  for (const [place, filename] of ['cat.png', 'dog.png'].entries()) {
    const { method, headers, form } = formIn(endings[place])
    assert.equal(method, 'POST')
    assert.equal(headers['x-mine'], 'a')
    assert.deepEqual({ ...form.fields }, { title: '龙井', more: '{"a":1}' })
    assert.deepEqual(
      form.files.map(({ name, filename, bytes }) => [name, filename, Array.from(bytes)]),
      [['picture', filename, [1, 2, 255]]],
    )
  }
})

test('an upload tells how far it is, and its answer is text with headers', async (t) => {
  const page = await opened(t)
  const { ending, progress } = await page.evaluate(
    async (url) => {
      const progress = []
      const filePath = new Blob([new Uint8Array(3_000_000)])
      const ending = await ended(browser(), 'uploadFile', { url, name: 'file', filePath }, (task) =>
        task.onProgressUpdate((event) => progress.push(event)),
      )
      return { ending, progress }
    },
    bodyAt('{"code":"session_replaced"}', { status: 401 }),
  )
  assert.deepEqual(
    [ending.success.statusCode, ending.success.data, ending.success.header['x-theirs']],
    [401, '{"code":"session_replaced"}', 'seen'],
  )
  const last = progress[progress.length - 1]
  assert.equal(last.progress, 100)
  assert.ok(last.totalBytesSent > 3_000_000 && last.totalBytesSent === last.totalBytesExpectedToSend)
})

test('an upload can be aborted, be late, be kept out and have no file', async (t) => {
  const page = await opened(t)
  const silent = path('silent-upload', () => {})
  const endings = await page.evaluate(
    async ([silent, hidden]) => {
      const upload = (options, hear) =>
        ended(browser(), 'uploadFile', { url: silent, name: 'file', filePath: new Blob(['a']), ...options }, hear)
      return [
        await upload({}, (task) => task.abort()),
        await upload({ timeout: 300 }),
        await upload({ url: hidden }),
        await upload({ filePath: 'blob:none' }),
      ]
    },
    [silent, 'http://127.0.0.1:1/'],
  )
  assert.deepEqual(endings.slice(0, 2), [
    { fail: { errMsg: 'uploadFile:fail abort' } },
    { fail: { errMsg: 'uploadFile:fail timeout', errno: 5 } },
  ])
  assert.match(endings[2].fail.errMsg, /^uploadFile:fail .*CORS/)
  assert.match(endings[3].fail.errMsg, /^uploadFile:fail ./)
})

test('a download is an object URL of the type that the server named', async (t) => {
  const page = await opened(t)
  const found = await page.evaluate(
    async (url) => {
      const progress = []
      const { success } = await ended(browser(), 'downloadFile', { url }, (task) =>
        task.onProgressUpdate((event) => progress.push(event)),
      )
      const file = await fetch(success.tempFilePath)
      return { success, type: file.headers.get('content-type'), text: await file.text(), progress }
    },
    bodyAt('pixels', { type: 'image/png' }),
  )
  assert.deepEqual([found.type, found.text], ['image/png', 'pixels'])
  assert.deepEqual([found.success.statusCode, found.success.errMsg], [200, 'downloadFile:ok'])
  assert.deepEqual(found.progress.pop(), { progress: 100, totalBytesWritten: 6, totalBytesExpectedToWrite: 6 })
})

test('a download that is refused has no file, but its text', async (t) => {
  const page = await opened(t)
  const url = bodyAt('{"code":"session_replaced"}', { status: 401 })
  const { success } = await page.evaluate((url) => ended(browser(), 'downloadFile', { url }), url)
  assert.equal(success.tempFilePath, undefined)
  assert.deepEqual([success.statusCode, success.data], [401, '{"code":"session_replaced"}'])
})

test('a download can be aborted', async (t) => {
  const page = await opened(t)
  const url = path('endless', (request, response) => response.write('a'))
  const ending = await page.evaluate(
    (url) => ended(browser(), 'downloadFile', { url }, (task) => task.onProgressUpdate(() => task.abort())),
    url,
  )
  assert.deepEqual(ending, { fail: { errMsg: 'downloadFile:fail abort' } })
})
