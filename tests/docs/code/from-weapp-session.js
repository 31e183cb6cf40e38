'use strict'

const express = require('express')
const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { page } = require('./page')
const weapp = require('./services/weapp-session')
const { runOnServer, start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from weapp-session-client')

/** The guide's server, with a stand-in for the packages that it requires. */
function weappServer(guide) {
  const packages = weapp.createPackages()
  const app = express()
  const names = { app, appId: '', appSecret: '', redisConfig: {} }
  const ours = { './for-wxsession': runOnServer(guide.named('for-wxsession.js, on the server')) }
  runOnServer(guide.unnamed[0], Object.assign(ours, packages.byName), names)
  app.get('/myapi', ({ $wxUserInfo }, response) => response.json($wxUserInfo))
  return {
    app,
    expire: packages.expire,
    get signIns() {
      return packages.exchanged.length
    },
  }
}

test('a program that was moved signs in once for all', async () => {
  const guide = page('moving-from-weapp-session-client')
  const service = weappServer(guide)
  const { run } = await start(guide, service)
  const answers = await twice(() => run('session.js').request({ url: '/myapi' }), service)
  equal(
    answers.map(({ data }) => data),
    forty({ openId: 'openid-of-a-user' }),
  )
  equal(service.signIns, 2)
})

test('a program that was not moved yet is served as before', async () => {
  const guide = page('moving-from-weapp-session-client')
  const { phone, url } = await start(guide, weappServer(guide))
  const header = { 'X-WX-Code': 'code', 'X-WX-RawData': '%7B%7D', 'X-WX-Signature': 'signed' }
  const { data } = await new Promise((success, fail) =>
    phone.wx.request({ url: `${url}/myapi`, header, success, fail }),
  )
  equal(data, { openId: 'openid-of-an-old-program' })
})

for (const when of /** @type {('one line later' | undefined)[]} */ (['one line later', undefined])) {
  test(`its app.js${when ? `, ${when},` : ''} prints what the server answers`, async () => {
    const guide = page('moving-from-weapp-session-client')
    const { phone, run } = await start(guide, weappServer(guide), when)
    phone.wx.getUserInfo = ({ success }) => success({ rawData: '{}', signature: 'signed' })
    run('app.js')
    while (phone.console.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    equal(
      phone.console.map(({ level, values }) => [level, Object.keys(values[0]).length]),
      [['log', 1]],
    )
  })
}
