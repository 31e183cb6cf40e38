'use strict'

const utf8 = require('../utf8')
const { equal, test } = require('./runner')
const { called, failureOf, start, successOf } = require('./start')

/** A phone with a photo, and the options for uploading it, but for the URL. */
async function withPhoto(backend, options) {
  const files = new Map([['wxfile://tmp/photo.jpg', new Uint8Array([0, 13, 10, 45, 45, 255])]])
  const world = await start(backend, Object.assign({ files }, options))
  return Object.assign(world, { photo: { url: world.url, filePath: 'wxfile://tmp/photo.jpg', name: 'photo' } })
}

test('an upload sends the bytes of the file and the fields of the form', async () => {
  const seen = []
  const { phone, photo, url, close } = await withPhoto((request) => {
    seen.push(request)
    return { statusCode: 201, data: { id: '七' } }
  })
  const formData = { 标题: '"一"\r\n二', size: 3, tags: ['a'], '"quoted"': '%22' }
  const header = { SessionId: 's', 'Content-Type': 'image/jpeg', Referer: 'mine' }
  const options = Object.assign({}, photo, { url: `${url}/up?to=a`, formData, header })
  const result = await successOf(phone.wx.uploadFile, options)
  equal(result, { data: '{"id":"七"}', statusCode: 201, errMsg: 'uploadFile:ok' })
  equal([seen[0].method, seen[0].path, seen[0].query, seen[0].header.sessionid], ['POST', '/up', { to: 'a' }, 's'])
  equal(/^multipart\/form-data; boundary=/.test(seen[0].header['content-type']), true)
  equal(/^https:\/\/servicewechat\.com\/wx/.test(seen[0].header.referer), true)
  equal(Object.keys(phone.uploads[0].header), ['SessionId', 'referer', 'content-type'])
  equal(seen[0].form.fields, { 标题: '"一"\r\n二', size: '3', tags: '["a"]', '"quoted"': '%22' })
  const [{ name, filename, bytes }] = seen[0].form.files
  equal([seen[0].form.files.length, name, filename], [1, 'photo', 'photo.jpg'])
  equal(Array.from(bytes), [0, 13, 10, 45, 45, 255])
  await close()
})

test('a download leaves the body in a file, under a free name or the one that was asked for', async () => {
  const { phone, url, close } = await start(() => ({ data: new Uint8Array([7, 0, 255]) }))
  const first = await successOf(phone.wx.downloadFile, { url })
  equal(Object.keys(first), ['tempFilePath', 'statusCode', 'errMsg'])
  equal([first.statusCode, first.errMsg], [200, 'downloadFile:ok'])
  equal(Array.from(phone.files.get(first.tempFilePath)), [7, 0, 255])
  const second = await successOf(phone.wx.downloadFile, { url })
  equal(second.tempFilePath === first.tempFilePath, false)
  const named = await successOf(phone.wx.downloadFile, { url, filePath: 'wxfile://usr/a' })
  equal(named, { filePath: 'wxfile://usr/a', statusCode: 200, errMsg: 'downloadFile:ok' })
  equal(Array.from(phone.restart().files.get('wxfile://usr/a')), [7, 0, 255])
  await close()
})

test('every status of an upload and of a download is a success, then complete', async () => {
  for (const statusCode of [200, 204, 401, 500]) {
    const { phone, photo, url, close } = await withPhoto(() => ({ statusCode, data: 'x' }))
    for (const calls of [await called(phone.wx.uploadFile, photo), await called(phone.wx.downloadFile, { url })]) {
      equal(
        calls.map(([name]) => name),
        ['success', 'complete'],
      )
      equal(calls[0][1].statusCode, statusCode)
    }
    await close()
  }
})

test('the data of an upload is text, whatever it is', async () => {
  const { phone, photo, close } = await withPhoto(() => ({ data: { a: 1 } }))
  equal((await successOf(phone.wx.uploadFile, photo)).data, '{"a":1}')
  await close()
})

test('an upload needs a file that is there, and its parameters', async () => {
  const { phone, photo } = await withPhoto(() => ({}))
  const failure = (changes) => failureOf(phone.wx.uploadFile, Object.assign({}, photo, changes))
  equal(await failure({ filePath: 'wxfile://absent' }), {
    errMsg: 'uploadFile:fail no such file or directory wxfile://absent',
    errno: 1300002,
  })
  equal(
    (await failure({ filePath: undefined })).errMsg,
    'uploadFile:fail parameter error: parameter.filePath should be String instead of Undefined;',
  )
  equal(
    (await failure({ name: 1 })).errMsg,
    'uploadFile:fail parameter error: parameter.name should be String instead of Number;',
  )
  equal((await failure({ url: 'ftp://a' })).errMsg, 'uploadFile:fail invalid url "ftp://a"')
  equal(await failureOf(phone.wx.downloadFile, {}), {
    errMsg: 'downloadFile:fail parameter error: parameter.url should be String instead of Undefined;',
    errno: 1001,
  })
})

test('uploads and downloads fail under their own names', async () => {
  const { phone, photo, url } = await withPhoto(() => ({ hang: true }))
  const ends = [
    { text: 'timeout', options: { timeout: 20 } },
    { text: 'abort', watch: (task) => task.abort() },
    { text: 'interrupted', watch: () => phone.interrupt() },
  ]
  for (const { text, options, watch } of ends) {
    const up = failureOf(phone.wx.uploadFile, Object.assign({}, photo, options), watch)
    equal((await up).errMsg, `uploadFile:fail ${text}`)
    const down = failureOf(phone.wx.downloadFile, Object.assign({ url }, options), watch)
    equal((await down).errMsg, `downloadFile:fail ${text}`)
  }
  equal(phone.files.size, 1)
})

test('requests, uploads and downloads share ten lanes', async () => {
  const { phone, photo, url } = await withPhoto(() => ({ hang: true }))
  for (let number = 0; number < 4; number++) phone.wx.request({ url })
  const tasks = [0, 1, 2, 3].map(() => phone.wx.uploadFile(photo))
  for (let number = 0; number < 4; number++) phone.wx.downloadFile({ url })
  equal(
    phone.downloads.map(({ state }) => state),
    ['sent', 'sent', 'queued', 'queued'],
  )
  tasks[0].abort()
  equal(
    phone.downloads.map(({ state }) => state),
    ['sent', 'sent', 'sent', 'queued'],
  )
  phone.stop()
})

test('progress and headers are told to those who listen, until they stop', async () => {
  const body = utf8.encode('x'.repeat(100))
  const backend = () => ({ header: { 'X-A': '1' }, data: body })
  const { phone, photo, url, close } = await withPhoto(backend)
  const told = []
  const silent = () => told.push('silent')
  const watch = (task) => {
    task.onProgressUpdate(({ progress }) => told.push(progress))
    task.onHeadersReceived((event) => told.push([event.header['X-A'], Object.keys(event)]))
    task.onProgressUpdate(silent)
    task.offProgressUpdate(silent)
    task.onHeadersReceived(silent)
    task.offHeadersReceived(silent)
  }
  await successOf(phone.wx.uploadFile, photo, watch)
  equal(told.splice(0), [100, ['1', ['header']]])
  await successOf(phone.wx.downloadFile, { url }, watch)
  equal(told.splice(0), [['1', ['header']], 100])
  await close()
})

test('a phone may tell the status with the headers, and the headers with the result', async () => {
  const refusal = () => ({ statusCode: 401, header: { 'X-A': '1' } })
  const more = { headersCarryStatus: true, resultsCarryHeader: true }
  const { phone, photo, url, close } = await withPhoto(refusal, more)
  const told = []
  const watch = (task) => task.onHeadersReceived(({ statusCode }) => told.push(statusCode))
  equal((await successOf(phone.wx.uploadFile, photo, watch)).header['X-A'], '1')
  equal((await successOf(phone.wx.downloadFile, { url }, watch)).header['X-A'], '1')
  equal(told, [401, 401])
  await close()
})

test('a hook answers or fails an upload and a download, in the same tick, twice or never', async () => {
  const { phone, photo } = await withPhoto(() => ({}))
  const asked = []
  const twists = [{ answer: { statusCode: 418 }, sameTick: true, times: 2 }, { fail: 'odd' }, { times: 0, fail: 1 }]
  phone.hooks.uploadFile = ({ number, filePath }) => {
    asked.push([number, filePath])
    return twists[number - 1]
  }
  const told = []
  phone.wx.uploadFile(Object.assign({}, photo, { success: ({ statusCode }) => told.push(statusCode) }))
  equal(told, [418, 418])
  equal(await failureOf(phone.wx.uploadFile, photo), 'odd')
  phone.wx.uploadFile(Object.assign({}, photo, { fail: () => told.push('told') }))
  equal(
    asked.map(([number]) => number),
    [1, 2, 3],
  )
  equal(asked[0][1], photo.filePath)

  phone.hooks.downloadFile = () => ({ answer: { data: 'from the hook' } })
  const { tempFilePath } = await successOf(phone.wx.downloadFile, { url: 'https://a.example/x' })
  equal(utf8.decode(phone.files.get(tempFilePath)), 'from the hook')
  equal(told, [418, 418])
})

test('uploads and downloads are counted and recorded as they were sent', async () => {
  const { phone, photo, url, close } = await withPhoto(() => ({}))
  await successOf(phone.wx.uploadFile, Object.assign({}, photo, { url: `${url}/up`, formData: { a: 1 } }))
  await successOf(phone.wx.downloadFile, { url: `${url}/down`, header: { X: 'y' } })
  const { requests, uploads, downloads } = phone.counts
  equal({ requests, uploads, downloads }, { requests: 0, uploads: 1, downloads: 1 })
  const [up] = phone.uploads
  equal([up.path, up.filePath, up.name, up.formData, up.state], ['/up', photo.filePath, 'photo', { a: 1 }, 'answered'])
  const [down] = phone.downloads
  equal([down.path, down.method, down.header.X, down.statusCode], ['/down', 'GET', 'y', 200])
  await close()
})
