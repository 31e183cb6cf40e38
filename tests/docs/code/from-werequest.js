'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { page } = require('./page')
const { createService } = require('./services/werequest')
const { start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from weRequest')

for (const method of ['GET', 'POST']) {
  test(`a ${method} carries the session in its data, and one signs in for all`, async () => {
    const service = createService()
    const { run } = await start(page('moving-from-werequest'), service)
    const { request } = run('request.js')
    const found = await twice(() => request({ url: '/order/detail', method, data: { id: '7' } }), service)
    equal(found, forty({ id: '7', version: '1.4.0' }))
    equal(service.signIns, 2)
  })
}

test('a failure that the body tells is shown and thrown', async () => {
  const { phone, run } = await start(page('moving-from-werequest'), createService())
  const shown = []
  Object.assign(phone.wx, { showModal: ({ content }) => shown.push(content), showLoading() {}, hideLoading() {} })
  const { request } = run('request.js')
  const error = await request({ url: '/order/detail', data: { id: 'none' }, showLoading: true }).catch((error) => error)
  equal([error.message, error.data.errcode, shown], ['没有这个订单', 404, ['没有这个订单']])
})
