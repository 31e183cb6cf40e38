'use strict'

const express = require('express')
const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const { page } = require('./page')
const wafer = require('./services/wafer')
const { runOnServer, start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from wafer-client-sdk')

/** The server of the guide, with a stand-in for its middleware. */
function waferServer(guide) {
  const app = express()
  let guard
  const waferSession = (options) => { guard = wafer.createGuard(options); return guard }
  const packages = { './for-wxsession': runOnServer(guide.named('for-wxsession.js, on the server')) }
  runOnServer(guide.unnamed[0], packages, { app, waferSession, appId: '', appSecret: '', store: {} })
  app.get('/user', wafer.user)
  return Object.assign(guard, { app })
}

test('a program that was moved signs in once for all', async () => {
  const guide = page('moving-from-wafer-client-sdk')
  const service = waferServer(guide)
  const { run } = await start(guide, service)
  const answers = await twice(() => run('session.js').request({ url: '/user' }), service)
  equal(answers.map(({ data }) => data), forty({ nickName: '微信用户' }))
  equal(service.signIns, 2)
})

test('a refused upload is known by its text', async () => {
  const guide = page('moving-from-wafer-client-sdk')
  const service = waferServer(guide)
  service.app.post('/photo', wafer.user)
  const { phone, run } = await start(guide, service)
  phone.files.set('wxfile://photo', new Uint8Array([1]))
  const session = run('session.js')
  await session.login()
  service.expire()
  const { data } = await session.uploadFile({ url: '/photo', filePath: 'wxfile://photo', name: 'photo' })
  equal([data, service.signIns], ['{"nickName":"微信用户"}', 2])
})

test('a program that was not moved yet is served as before', async () => {
  const guide = page('moving-from-wafer-client-sdk')
  const { phone, url } = await start(guide, waferServer(guide))
  const call = (path, header) => new Promise((success, fail) => phone.wx.request({ url: url + path, header, success, fail }))
  const signedIn = await call('/login', { 'X-WX-Code': 'code', 'X-WX-Encrypted-Data': 'sealed', 'X-WX-IV': 'iv' })
  const { id, skey } = signedIn.data.session
  const { data } = await call('/user', { 'X-WX-Id': id, 'X-WX-Skey': skey })
  equal(data, { nickName: '微信用户' })
})

test('its app.js prints what the server answers', async () => {
  const guide = page('moving-from-wafer-client-sdk')
  const { phone, run } = await start(guide, waferServer(guide))
  run('app.js')
  while (phone.console.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  equal(phone.console.map(({ level, values }) => [level, Object.keys(values[0]).length]), [['log', 1]])
})
