/* Bodies and statuses are sent and delivered exactly as by wx.request. */
'use strict'

const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('bodies')

const TEXT = 'täglich 商品 \u0000 \ud83d\ude00'
const bytes = (...values) => new Uint8Array(values).buffer

/** The same call by bare wx.request. */
function bare(world, path, options) {
  return new Promise((resolve) => {
    const header = Object.assign({ sessionid: world.backend.ids[world.backend.ids.length - 1] }, Object(options).header)
    const own = { url: world.url + path, header, success: resolve, fail: resolve }
    world.phone.wx.request(Object.assign({}, options, own))
  })
}

/** An answer without the parts that differ each time. */
function lasting(answer) {
  const header = Object.assign({}, answer.header)
  delete header.Date
  return Object.assign({}, answer, { header })
}

const answers = {
  JSON: { data: { products: [{ name: '商品' }] } },
  'a 204': { statusCode: 204 },
  text: { data: TEXT },
  'an empty body': { data: '' },
  'JSON that is a text': { data: '"quoted"', header: { 'Content-Type': 'application/json' } },
  'JSON that is null': { data: 'null' },
  'broken JSON': { data: '{"a":', header: { 'Content-Type': 'application/json' } },
  bytes: { data: new Uint8Array([0, 255, 128, 10]) },
  'a 201': { statusCode: 201, data: { made: true } },
  'a 304': { statusCode: 304 },
  'a 400': { statusCode: 400, data: { code: 'session_expired' } },
  'a 403': { statusCode: 403, data: 'no' },
  'a 404': { statusCode: 404, data: { code: 'session_missing' } },
  'a 500': { statusCode: 500, data: 'broken' },
  'a 503': { statusCode: 503, data: { code: 'session_expired' }, header: { 'Retry-After': '1' } },
}

for (const kind of Object.keys(answers)) {
  test(`${kind} arrives as wx has it, the first time and after a resend`, async () => {
    const world = await (await start()).signedIn()
    const isLive = ({ header }) => world.backend.isLive(header.sessionid)
    world.backend.call = (request) => (isLive(request) ? answers[kind] : undefined)
    for (const options of [{}, { dataType: 'text' }, { responseType: 'arraybuffer' }]) {
      const first = await world.call('/a', options)
      equal(lasting(first), lasting(await bare(world, '/a', options)))
      world.backend.expire()
      const again = await world.added(async () => {
        equal(lasting(await world.call('/a', options)), lasting(first), 'after a resend')
      })
      equal(again, { logins: 1, exchanges: 1, requests: 3 })
      // Lets any pause pass, so that the next refusal renews at once.
      await world.session.logout()
      await world.session.login()
    }
  })
}

const sent = {
  'an object as JSON': { method: 'POST', data: { name: '商品', list: [1] } },
  'an object as a form': {
    method: 'POST',
    data: { a: 'b c', d: '&' },
    header: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  'a text': { method: 'POST', data: TEXT },
  'a text that looks like JSON': { method: 'PUT', data: ' {"a": 1} ' },
  'an empty text': { method: 'POST', data: '' },
  bytes: { method: 'POST', data: bytes(0, 1, 254, 255) },
  nothing: { method: 'DELETE' },
  'a query': { method: 'GET', data: { q: '商品 & more', page: 2 } },
}

for (const kind of Object.keys(sent)) {
  test(`${kind} goes out as wx has it, the first time and after a resend`, async () => {
    const world = await (await start()).signedIn()
    await bare(world, '/a', sent[kind])
    await world.call('/a', sent[kind])
    world.backend.expire()
    equal((await world.call('/a', sent[kind])).statusCode, 200)
    const [expected, ...others] = world.backend.at('/a').map(seen)
    equal(others, [expected, expected, expected])
  })
}

function seen({ method, query, bytes: body, header }) {
  return { method, query, body: Array.from(body), type: header['content-type'], length: header['content-length'] }
}
