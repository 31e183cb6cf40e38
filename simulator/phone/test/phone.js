'use strict'

const { equal, sleep, test, throws, until } = require('./runner')
const { platform, start } = require('./start')

test('a program runs without the globals of the web and of the engine', async () => {
  const { phone } = await start(() => ({}))
  const seen = phone.require('./globals')
  const hidden = Object.keys(seen.types).filter((name) => seen.types[name] !== 'undefined')
  equal(hidden, [])
  equal(Object.keys(seen.types).length > 20, true)
  equal(seen.given, ['object', 'object', 'function', 'object', 'object', 'object', 'function', 'function', 'function'])
})

test('a program sees what its base library has besides', async () => {
  const { phone } = await start(() => ({}), { globals: { global: {} } })
  const { types } = phone.require('./globals')
  equal([types.global, types.globalThis], ['object', 'undefined'])
})

test('a module may declare what the scope hides', async () => {
  const { phone } = await start(() => ({}))
  equal(phone.require('./declares').decoder, 'its own')
})

test('Function compiles nothing but return this', async () => {
  const { phone } = await start(() => ({}))
  const { compile, isFunction } = phone.require('./globals')
  equal(typeof compile('return this')(), 'object')
  equal(
    isFunction(() => {}),
    true,
  )
  throws(() => compile('return 1'), /code generation from strings/)
})

test('a program replaces no method of wx, but may add some', async () => {
  const { phone } = await start(() => ({}))
  const { wx } = phone.require('./globals')
  const { request } = wx
  throws(() => {
    wx.request = () => {}
  }, /request/)
  throws(() => Object.assign(Object.create(wx), { login() {} }), /login/)
  const host = Object.create(wx, { request: { value: () => 'its own' } })
  wx.createPage = () => 'of a framework'
  equal([wx.request === request, host.request(), wx.createPage()], [true, 'its own', 'of a framework'])
  phone.wx.request = () => 'of a test'
  equal(wx.request(), 'of a test')
})

test('modules are found as in a code package, and run once', async () => {
  const { phone } = await start(() => ({}))
  const wxsession = phone.require('wxsession')
  equal(wxsession.name, 'wxsession in miniprogram_npm')
  equal(phone.require('/miniprogram_npm/wxsession/index.js') === wxsession, true)
  equal(phone.require('./folder/below').up === phone.require('./globals'), true)
  equal(phone.require('./folder').name, 'folder/index')
  throws(() => phone.require('absent'), /module 'absent' is not defined/)
  throws(() => phone.require('../start'), /is not defined/)
})

test('a package is found in the nearest miniprogram_npm above the module that asks', async () => {
  const { phone } = await start(() => ({}))
  const below = phone.require('./folder/below')
  equal([below.nested, below.above], ['nested in folder/miniprogram_npm', 'wxsession in miniprogram_npm'])
  throws(() => phone.require('nested'), /module 'nested' is not defined/)
})

test('app.js launches the app', async () => {
  const { phone } = await start(() => ({}))
  phone.require('./app')
  equal(phone.console[0], { level: 'log', values: ['launched', 'wxsession in miniprogram_npm'] })
})

test('a restart runs the program anew', async () => {
  const { phone } = await start(() => ({}))
  const first = phone.require('./folder')
  const next = phone.restart()
  equal(next.require('./folder') === first, false)
  equal(next.require('./folder').started, 1)
})

test('nothing of a stopped program runs', async () => {
  const { phone, url } = await start(() => ({ delay: 10 }))
  const { timers } = phone.require('./timers')
  const ran = []
  timers.setTimeout(() => ran.push('timer'), 10)
  phone.wx.request({ url, complete: () => ran.push('request') })
  phone.wx.login({ complete: () => ran.push('login') })
  phone.stop()
  await sleep(40)
  equal(ran, [])
})

test('timers pass values, repeat, are cancelled, and may throw', async () => {
  const { phone } = await start(() => ({}))
  const { timers } = phone.require('./timers')
  const ran = []
  timers.setTimeout((value) => ran.push(value), 1, 'value')
  timers.clearTimeout(timers.setTimeout(() => ran.push('cancelled'), 1))
  timers.setTimeout(() => {
    throw new Error('of the app')
  }, 1)
  const interval = timers.setInterval(() => {
    ran.push('again')
    if (ran.length > 3) timers.clearInterval(interval)
  }, 5)
  await until(() => ran.length === 4 && phone.thrown.length === 1)
  await sleep(20)
  equal(ran, ['value', 'again', 'again', 'again'])
  equal(phone.thrown.length, 1)
})

test('the engine under test is named', () => {
  equal(['node', 'jsc', 'browser'].indexOf(platform.name) >= 0, true)
})
