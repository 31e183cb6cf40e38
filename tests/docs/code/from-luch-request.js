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
    const { phone, run } = await start(await guide(), createService(), when)
    const http = run('http.js').default
    const params = { page: 2, kind: 'a&b', ids: [1, 2], none: undefined, nothing: null }
    const { data: got } = await http.get('/wx/products/list', { params, custom: { any: 1 } })
    const { data: posted } = await http.post('/wx/products/list', { name: 'Tea' })
    const failed = await http.get('/nowhere').catch((response) => response)
    const query = { page: '2', kind: 'a&b', 'ids[]': ['1', '2'] }
    equal([got.query, posted.body, failed.statusCode], [query, { name: 'Tea' }, 404])

    phone.files.set('wxfile://photo', new Uint8Array([1]))
    const file = { filePath: 'wxfile://photo', name: 'photo', custom: { any: 1 } }
    const { data: uploaded } = await http.upload('/wx/products/list', { ...file, params })
    const failedUpload = await http.upload('/nowhere', file).catch((response) => response)
    const failedDownload = await http.download('/nowhere').catch((response) => response)
    equal([uploaded.products.length, uploaded.query], [2, query])
    equal([failedUpload.statusCode, failedDownload.statusCode], [404, 404])
  })
}
