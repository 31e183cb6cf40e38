'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { bundled } = require('./bundled')
const { testInTurn } = require('./in-turn')
const { page } = require('./page')
const { createService, PRODUCTS } = require('./services/in-turn')
const { start } = require('./start')

const test = group('moving from alova')

const guide = () => bundled(page('moving-from-alova'))

// alova sends equal calls once, so each has a number.
testInTurn(test, guide, (run) => {
  const alova = run('alova.js').default
  return async (call) => (await alova.Get('/wx/products/list', { params: { call } })).products
})

test("a guest's call goes without the session, and a failure has its status", async () => {
  const { run } = await start(await guide(), createService())
  const alova = run('alova.js').default
  equal((await alova.Get('/wx/products/list')).products, PRODUCTS)
  equal(await alova.Get('/guests', { meta: { authRole: null } }), { session: null })
  const error = await alova.Get('/nowhere').catch((error) => error)
  equal([error.code, error.statusCode], ['status', 404])
})

test('an abort reaches the call', async () => {
  const { run } = await start(await guide(), createService())
  const method = run('alova.js').default.Get('/wx/products/list')
  const ended = method.catch((error) => error.code)
  await new Promise(setImmediate)
  method.abort()
  equal(await ended, 'aborted')
})
