'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { bundled } = require('./bundled')
const { testInTurn } = require('./in-turn')
const { page } = require('./page')
const { createService } = require('./services/in-turn')
const { start } = require('./start')

const test = group('moving from luch-request')

const guide = () => bundled(page('moving-from-luch-request'))

testInTurn(test, guide, (run) => {
  const http = run('http.js').default
  return async () => (await http.get('/wx/products/list')).data.products
})

for (const when of /** @type {('before' | undefined)[]} */ (['before', undefined])) {
  test(`the calls are the same${when ? `, ${when}` : ''}`, async () => {
    const { run } = await start(await guide(), createService(), when)
    const http = run('http.js').default
    const { data: got } = await http.get('/wx/products/list', { params: { page: 2, kind: 'a&b' } })
    const { data: posted } = await http.post('/wx/products/list', { name: 'Tea' })
    const failed = await http.get('/nowhere').catch((response) => response)
    equal([got.query, posted.body, failed.statusCode], [{ page: '2', kind: 'a&b' }, { name: 'Tea' }, 404])
  })
}
