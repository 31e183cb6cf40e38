'use strict'

const { equal, ok } = require('../../package/assert')
const { group } = require('../../package/runner')
const { createService } = require('../../tutorial/service')
const { page } = require('./page')
const { start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from wx.request')

const PRODUCTS = [
  { id: 1, name: 'Tea' },
  { id: 2, name: 'Cup' },
]

function tutorial() {
  const used = new Set()
  const { app, sessions } = createService((code) => (used.has(code) ? undefined : used.add(code) && 'openid'))
  return {
    app,
    expire: () => sessions.clear(),
    get signIns() {
      return used.size
    },
  }
}

test('before, each of twenty calls signs in', async () => {
  const service = tutorial()
  const { run } = await start(page('moving-from-wx-request'), service, 'before')
  const request = run('request.js')
  const answers = await twice(() => request({ url: '/wx/products/list' }), service)
  equal(
    answers.map(({ data }) => data),
    forty(PRODUCTS),
  )
  ok(service.signIns > 20, `${service.signIns} sign-ins`)
})

test('afterwards one signs in for all, cold and when the session is forgotten', async () => {
  const service = tutorial()
  const { run } = await start(page('moving-from-wx-request'), service)
  const request = run('request.js')
  const answers = await twice(() => request({ url: '/wx/products/list' }), service)
  equal(
    answers.map(({ data }) => data),
    forty(PRODUCTS),
  )
  equal(service.signIns, 2)
})
