'use strict'

const express = require('express')
const { equal } = require('../../package/assert')
const { afterwards, group } = require('../../package/runner')
const { page } = require('./page')
const wafer = require('./services/wafer')
const { runOnServer, start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from wafer-client-sdk')

const NAMED = { nickName: '微信用户' }

/** Starts the guide's mini program, and its server with wafer's own middleware. */
async function startWafer(when) {
  const guide = page('moving-from-wafer-client-sdk')
  const app = express()
  const store = wafer.createStore()
  const ours = { './for-wxsession': runOnServer(guide.named('for-wxsession.js, on the server')) }
  runOnServer(guide.unnamed[0], ours, Object.assign({ app, store, waferSession: wafer.session }, wafer.APP))
  app.all(['/user', '/photo'], wafer.user)
  const folders = { 'vendor/wafer-client-sdk': wafer.SDK }
  const { phone, run } = await start(guide, { app, folders }, when)
  Object.assign(phone.wx, {
    getUserInfo: ({ success }) => success(wafer.userInfo()),
    checkSession: ({ success }) => success(),
    // The SDK adds listeners for the old socket API as soon as it is loaded.
    onSocketOpen() {},
    onSocketMessage() {},
    onSocketError() {},
    onSocketClose() {},
  })
  return { phone, run, store }
}

test('a program that was moved signs in once for all', async () => {
  const { run, store } = await startWafer()
  const answers = await twice(() => run('session.js').request({ url: '/user' }), store)
  equal(
    answers.map(({ data }) => data),
    forty(NAMED),
  )
  equal(store.signIns(), 2)
})

test('a refused upload is known by its text', async () => {
  const { phone, run, store } = await startWafer()
  phone.files.set('wxfile://photo', new Uint8Array([1]))
  const session = run('session.js')
  await session.login()
  store.expire()
  const { data } = await session.uploadFile({ url: '/photo', filePath: 'wxfile://photo', name: 'photo' })
  equal([JSON.parse(data), store.signIns()], [NAMED, 2])
})

test('a code that WeChat does not take is a bad answer', async () => {
  const { error: print } = console
  console.error = () => {}
  afterwards(() => {
    console.error = print
  })
  const { phone, run } = await startWafer()
  phone.hooks.login = () => ({ answer: { code: 'the-same-code' } })
  const session = run('session.js')
  await session.login()
  const error = await session.login({ force: true }).catch((error) => error)
  equal(error.code, 'bad_answer')
})

for (const when of /** @type {('before' | 'one line later' | undefined)[]} */ ([
  'before',
  'one line later',
  undefined,
])) {
  test(`its app.js, ${when || 'after'}, prints what the same server answers`, async () => {
    const { phone, run } = await startWafer(when)
    run('app.js')
    while (phone.console.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    equal(
      phone.console.map(({ level, values }) => [level, values]),
      [['log', [NAMED]]],
    )
  })
}
