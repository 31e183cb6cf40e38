'use strict'

const { equal, test } = require('./runner')
const { called, failureOf, start, successOf } = require('./start')

async function answer(response, options) {
  const { phone, url, close } = await start(() => response)
  const result = await successOf(phone.wx.request, Object.assign({ url }, options))
  await close()
  return result
}

test('every status is a success, then complete', async () => {
  for (const statusCode of [200, 204, 302, 401, 404, 500, 503]) {
    const { phone, url, close } = await start(() => ({ statusCode, data: 'x' }))
    const calls = await called(phone.wx.request, { url })
    equal(
      calls.map(([name]) => name),
      ['success', 'complete'],
    )
    equal([calls[0][1].statusCode, calls[0][1].errMsg], [statusCode, 'request:ok'])
    equal(calls[0][1] === calls[1][1], true)
    await close()
  }
})

test('JSON is parsed, whatever it is labelled; the rest stays text', async () => {
  equal((await answer({ data: { a: '✓' } })).data, { a: '✓' })
  equal((await answer({ data: '{"a":1}' })).data, { a: 1 })
  equal((await answer({ data: '{"a":' })).data, '{"a":')
  equal((await answer({ data: '{"a":1}' }, { dataType: 'text' })).data, '{"a":1}')
  equal((await answer({})).data, '')
  equal((await answer({ statusCode: 204 })).data, '')
})

test('bytes arrive as an ArrayBuffer where they are asked for', async () => {
  const { data } = await answer({ data: new Uint8Array([0, 255, 7]) }, { responseType: 'arraybuffer' })
  equal(data instanceof ArrayBuffer, true)
  equal(Array.from(new Uint8Array(data)), [0, 255, 7])
  equal((await answer({ data: new Uint8Array([0x68, 0xff, 0x69]) })).data, 'h\ufffdi')
})

test('headers keep the names the server sent, cookies come once more in a list', async () => {
  const { header, cookies } = await answer({ header: { 'X-MiXed': 'a', 'Set-Cookie': ['a=1', 'b=2'] } })
  equal(header['X-MiXed'], 'a')
  equal(header['Set-Cookie'], 'a=1,b=2')
  equal(cookies, ['a=1', 'b=2'])
})

test('a late answer is a timeout, with errno 5', async () => {
  const { phone, url } = await start(() => ({ delay: 200 }))
  equal(await failureOf(phone.wx.request, { url, timeout: 20 }), { errMsg: 'request:fail timeout', errno: 5 })
})

test('trouble with the connection fails with errno 600001', async () => {
  const { phone, url, close } = await start(() => ({ reset: true }))
  const reset = await failureOf(phone.wx.request, { url })
  equal([reset.errno, /ERR_CONNECTION_RESET/.test(reset.errMsg)], [600001, true])
  await close()
  const refused = await failureOf(phone.wx.request, { url })
  equal([refused.errno, /ERR_CONNECTION_REFUSED/.test(refused.errMsg)], [600001, true])
})

test('a change of network and the background end what is in flight', async () => {
  const { phone, url } = await start(() => ({ hang: true }))
  const first = failureOf(phone.wx.request, { url })
  phone.changeNetwork()
  equal((await first).errno, 600001)
  const second = failureOf(phone.wx.request, { url })
  phone.interrupt()
  equal(await second, { errMsg: 'request:fail interrupted', errno: 600003 })
})

test('a hook answers, delays or fails a request', async () => {
  const { phone, url } = await start(() => ({ data: 'the backend' }))
  const twists = [{ answer: { statusCode: 418 } }, { delay: 30 }, { fail: null }, {}]
  const seen = []
  phone.hooks.request = (call) => {
    seen.push([call.number, call.path])
    return twists.shift()
  }
  equal((await successOf(phone.wx.request, { url: `${url}/a` })).statusCode, 418)
  const before = Date.now()
  equal((await successOf(phone.wx.request, { url: `${url}/b` })).data, 'the backend')
  equal(Date.now() - before >= 25, true)
  equal(await failureOf(phone.wx.request, { url: `${url}/c` }), null)
  equal((await successOf(phone.wx.request, { url: `${url}/d` })).data, 'the backend')
  equal(seen, [
    [1, '/a'],
    [2, '/b'],
    [3, '/c'],
    [4, '/d'],
  ])
})

test('an answer can come before wx.request has returned', async () => {
  const { phone } = await start(() => ({}), { sameTick: true })
  phone.hooks.request = () => ({ answer: { data: 'at once' } })
  const order = []
  phone.wx.request({ url: 'https://a.example', success: ({ data }) => order.push(data) })
  order.push('returned')
  equal(order, ['at once', 'returned'])
  phone.hooks.request = () => ({ answer: { data: 'later' }, sameTick: false })
  const later = successOf(phone.wx.request, { url: 'https://a.example' })
  order.push('returned')
  equal((await later).data, 'later')
})
