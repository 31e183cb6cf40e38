'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { bundled } = require('./bundled')
const { testInTurn } = require('./in-turn')
const { page } = require('./page')
const { createService } = require('./services/in-turn')
const { start } = require('./start')

const test = group('moving from an axios adapter')

const guide = () => bundled(page('moving-from-axios'))

testInTurn(test, guide, (run) => {
  const http = run('http.js')
  return async () => (await http.get('/wx/products/list')).data.products
})

test('queries, bodies, guests and failures are those of axios', async () => {
  const { run } = await start(await guide(), createService())
  const http = run('http.js')
  const { data: got } = await http.get('/wx/products/list', { params: { page: 2 } })
  const { data: posted, status } = await http.post('/wx/products/list', { name: 'Tea' })
  const { data: guest } = await http.get('/guests', { guest: true })
  const failed = await http.get('/nowhere').catch((error) => error)
  equal(
    [got.query, posted.body, status, guest, failed.response.status, failed.isAxiosError],
    [{ page: '2' }, { name: 'Tea' }, 200, { session: null }, 404, true],
  )
})

test('a call can be cancelled while it waits for a sign-in', async () => {
  const { run } = await start(await guide(), createService())
  let cancel = (_) => {}
  const cancelToken = { promise: new Promise((resolve) => (cancel = resolve)), throwIfRequested() {} }
  const ended = run('http.js')
    .get('/wx/products/list', { cancelToken })
    .catch((reason) => reason)
  cancel('no longer needed')
  equal(await ended, 'no longer needed')
})
