/* Uploads and downloads: files, progress, and answers that contain less than those of requests. */
'use strict'

const { equal, ok } = require('./assert')
const { problem } = require('./backend')
const { PHOTO, byHand, make, said } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { until } = require('./waiting')

const test = group('files')

const live = async (setting) => (await start(setting)).signedIn()

test('an upload that is refused is sent again whole: the file, its name and its fields', async () => {
  const world = await live()
  world.backend.expire()
  await make(world, 'uploadFile', '/photos', { formData: { album: '商品' } })
  const seen = world.backend
    .at('/photos')
    .map(({ form }) => [
      form.fields,
      form.files.map(({ name, filename, bytes }) => [name, filename, Array.from(bytes)]),
    ])
  const whole = [{ album: '商品' }, [['photo', 'photo.jpg', Array.from(world.phone.files.get(PHOTO))]]]
  equal(seen, [whole, whole])
})

test('an upload whose file is gone when it is sent again fails in the words of the host', async () => {
  const world = await live()
  world.backend.expire()
  world.backend.exchange = () => {
    world.phone.files.delete(PHOTO)
  }
  const error = await world.failure(make(world, 'uploadFile', '/photos'), 'request_failed')
  ok(/no such file/.test(error.errMsg), error.errMsg)
})

for (const code of ['session_replaced', 'session_revoked']) {
  test(`an upload's answer that says ${code} in its body alone, which is text, ends the session`, async () => {
    const world = await live()
    world.backend.refusal = () => ({ statusCode: 401, data: { code } })
    world.backend.expire()
    equal(said(world, 'uploadFile', await make(world, 'uploadFile', '/photos')), { code })
    equal([world.session.state, world.phone.counts.logins], ['ended', 1])
  })
}

test('the header of the answer itself counts where a phone gives one', async () => {
  for (const kind of ['uploadFile', 'downloadFile']) {
    const world = await live({ phone: { resultsCarryHeader: true } })
    const native = world.phone.wx[kind]
    // A phone whose tasks have no events.
    world.phone.wx[kind] = (options) => ({ abort: native(options).abort })
    world.backend.refusal = () => problem(401, 'session_replaced')
    world.backend.expire()
    await make(world, kind, '/a')
    equal(world.session.state, 'ended')
  }
})

test('the header of a refused send does not speak for the next', async () => {
  const world = await live()
  const named = problem(401, 'session_expired')
  world.backend.call = () =>
    world.backend.at('/photos').length === 1 ? named : { statusCode: 401, data: 'for reasons of its own' }
  equal((await make(world, 'uploadFile', '/photos')).data, 'for reasons of its own')
  equal(world.session.state, 'signed-in')
})

test('a download goes where the app wants it, and only the answer that counts stays there', async () => {
  const world = await live()
  world.backend.expire()
  const filePath = 'wxfile://usr/products.json'
  const answer = await make(world, 'downloadFile', '/a', { filePath })
  equal([answer.filePath, said(world, 'downloadFile', answer).session], [filePath, 2])
})

test('statuses of all kinds reach the callers of uploads and downloads', async () => {
  const world = await live()
  for (const kind of ['uploadFile', 'downloadFile']) {
    for (const statusCode of [200, 201, 204, 400, 403, 404, 500, 503]) {
      world.backend.call = () => ({ statusCode, data: { code: 'session_replaced' } })
      equal((await make(world, kind, '/a')).statusCode, statusCode)
    }
  }
  equal([world.session.state, world.phone.counts.logins], ['signed-in', 1])
})

const progress = { uploadFile: 'totalBytesSent', downloadFile: 'totalBytesWritten' }

for (const kind of Object.keys(progress)) {
  test(`${kind} tells its progress from the start, and of a resend`, async () => {
    const world = await start()
    const told = []
    const listener = (value) => told.push(typeof value[progress[kind]])
    const cold = make(world, kind, '/a')
    equal(world.session.state, 'loading')
    cold.onProgressUpdate(listener)
    await cold
    equal([told.length > 0, told.every((type) => type === 'number')], [true, true])

    world.backend.expire()
    const before = told.length
    const again = make(world, kind, '/a')
    again.onProgressUpdate(listener)
    await again
    equal(told.length >= before + 2, true, 'both sends are told of')
  })

  test(`${kind} tells a listener that was taken off nothing`, async () => {
    const world = await start()
    const told = []
    const call = make(world, kind, '/a')
    const off = () => told.push('off')
    call.onProgressUpdate(off)
    call.onProgressUpdate(() => told.push('on'))
    call.offProgressUpdate(off)
    call.onHeadersReceived(() => told.push('headers'))
    call.offHeadersReceived()
    await call
    equal([told.length > 0, told.every((word) => word === 'on')], [true, true])
  })

  test(`${kind} tells its app the headers of the send that counts alone`, async () => {
    const world = await live()
    world.backend.expire()
    world.backend.call = () =>
      world.backend.ids.length === 2 ? { header: { 'X-Kind': 'second' }, data: {} } : undefined
    const told = []
    const call = make(world, kind, '/a', { success: () => told.push('success') })
    call.onHeadersReceived(({ header }) => told.push(header['X-Kind']))
    await call
    equal(told, ['second', 'success'])
  })
}

test('an upload that is refused with a body of any kind has its end', async () => {
  for (const data of [null, undefined, '', '{', '"x"', 17, '[]', '{"code":{"a":1}}', 'null']) {
    const world = await live()
    const sent = byHand(world, 'uploadFile')
    const call = make(world, 'uploadFile', '/a')
    sent[0].options.success({ statusCode: 401, data })
    await until(() => sent.length === 2)
    sent[1].options.success({ statusCode: 401, data })
    equal([(await call).data, world.session.state], [data, 'signed-in'])
  }
})
