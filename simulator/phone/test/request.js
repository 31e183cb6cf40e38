'use strict'

const { equal, test } = require('./runner')
const { failureOf, start, successOf } = require('./start')

/** The request as it arrives at the backend. */
const mirror = ({ method, path, query, header, body }) => ({ data: { method, path, query, header, body } })

async function arrived(options) {
  const { phone, url, close } = await start(mirror)
  const { data } = await successOf(phone.wx.request, Object.assign({}, options, { url: url + options.url }))
  await close()
  return data
}

test('data of a GET becomes the query', async () => {
  const data = { name: '张 三', nested: { a: 1 }, n: 2 }
  const { method, path, query, body } = await arrived({ url: '/a?first=1#part', data })
  equal([method, path, body], ['GET', '/a', ''])
  equal(query, { first: '1', name: '张 三', nested: '{"a":1}', n: '2' })
})

test('data of a POST becomes JSON, labelled so', async () => {
  const { method, header, body } = await arrived({ url: '/a', method: 'post', data: { 名: 1 } })
  equal([method, header['content-type'], body], ['POST', 'application/json', '{"名":1}'])
})

test('data of a form becomes a form', async () => {
  const header = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const { body } = await arrived({ url: '/a', method: 'POST', header, data: { a: '1 2', b: '&' } })
  equal(body, 'a=1%202&b=%26')
})

test('text and bytes go out as they are', async () => {
  equal((await arrived({ url: '/a', method: 'PUT', data: 'as it is ✓' })).body, 'as it is ✓')
  const bytes = new Uint8Array([104, 105]).buffer
  equal((await arrived({ url: '/a', method: 'POST', data: bytes })).body, 'hi')
  equal((await arrived({ url: '/a', method: 'DELETE' })).body, '')
})

test('headers go out with Referer set by wx alone', async () => {
  const { header } = await arrived({ url: '/a', header: { sessionid: 'x', Referer: 'mine', n: 5 } })
  equal([header.sessionid, header.n, header['content-type']], ['x', '5', 'application/json'])
  equal(/^https:\/\/servicewechat\.com\/wx/.test(header.referer), true)
})

test('the options and headers of the caller are not changed', async () => {
  const { phone, url } = await start(mirror)
  const header = Object.freeze({ a: '1' })
  await successOf(phone.wx.request, Object.freeze({ url, header }))
  equal(phone.requests[0].path, '/')
})

test('what cannot be sent fails with the words of wx', async () => {
  const { phone } = await start(mirror, { domains: ['https://api.example.com'] })
  const failure = (options) => failureOf(phone.wx.request, options)
  equal(await failure({}), {
    errMsg: 'request:fail parameter error: parameter.url should be String instead of Undefined;',
    errno: 1001,
  })
  equal(await failure({ url: '/relative' }), { errMsg: 'request:fail invalid url "/relative"', errno: 600009 })
  equal((await failure({ url: 'http:// spaced' })).errno, 600009)
  equal((await failure({ url: 'https://api.example.com', method: 'PATCH' })).errno, 1001)
  const outside = { errMsg: 'request:fail url not in domain list', errno: 600002 }
  equal(await failure({ url: 'https://else.example.com/' }), outside)
})

test('requests are counted and recorded as they were sent', async () => {
  const { phone, url } = await start(mirror)
  await successOf(phone.wx.request, { url: `${url}/a`, data: { q: 1 } })
  await successOf(phone.wx.request, { url: `${url}/a`, method: 'POST', data: { q: 1 }, header: { X: 'y' } })
  equal(phone.counts.requests, 2)
  equal(phone.counts.requestsByPath, { '/a': 2 })
  const [first, second] = phone.requests
  equal([first.url, first.method, first.state, first.statusCode], [`${url}/a?q=1`, 'GET', 'answered', 200])
  equal([second.number, second.header.X, second.data], [2, 'y', { q: 1 }])
})
