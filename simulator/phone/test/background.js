'use strict'

const { equal, sleep, test, until } = require('./runner')
const { failureOf, start, successOf } = require('./start')

test('a program that sleeps is called when it wakes, in order', async () => {
  const { phone, url, close } = await start(() => ({}))
  const { timers } = phone.require('./timers')
  const ran = []
  phone.wx.login({ success: () => ran.push('login') })
  timers.setTimeout(() => ran.push('timer'), 10)
  timers.clearTimeout(timers.setTimeout(() => ran.push('cleared'), 1))
  phone.wx.request({ url, complete: () => ran.push('request') })
  phone.sleep()
  await until(() => phone.requests[0].state === 'answered')
  await sleep(20)
  equal(ran, [])
  phone.wake()
  equal(ran.slice().sort(), ['login', 'request', 'timer'])
  await close()
})

test('a timer that is cleared as the program wakes does not run', async () => {
  const { phone } = await start(() => ({}))
  const { timers } = phone.require('./timers')
  const ran = []
  phone.sleep()
  timers.setTimeout(() => {
    ran.push('first')
    timers.clearTimeout(second)
  }, 1)
  const second = timers.setTimeout(() => ran.push('second'), 5)
  await sleep(30)
  phone.wake()
  await sleep(10)
  equal(ran, ['first'])
})

test('nothing that waited runs in a program that ended asleep', async () => {
  const { phone } = await start(() => ({}))
  const ran = []
  phone.wx.login({ success: () => ran.push('login') })
  phone.sleep()
  await sleep(5)
  phone.stop()
  phone.wake()
  await sleep(5)
  equal(ran, [])
})

test('the background fails what is in flight and lets wx.login go on', async () => {
  const { phone, url, close } = await start(() => ({ hang: true }), { newCode: () => sleep(10).then(() => 'a code') })
  const login = successOf(phone.wx.login)
  const request = failureOf(phone.wx.request, { url })
  phone.interrupt()
  equal((await request).errMsg, 'request:fail interrupted')
  equal((await login).code, 'a code')
  await close()
})

test('a phone puts failures in its own words, and not those of a hook', async () => {
  const wording = ({ errMsg }) => ({ errMsg: errMsg.replace('timeout', '请求超时。') })
  const { phone, url, close } = await start(() => ({ hang: true }), { wording })
  equal(await failureOf(phone.wx.request, { url, timeout: 10 }), { errMsg: 'request:fail 请求超时。' })
  equal(await failureOf(phone.wx.downloadFile, { url: '/a' }), { errMsg: 'downloadFile:fail invalid url "/a"' })
  phone.hooks.request = () => ({ fail: { errMsg: 'request:fail timeout', errno: 5 } })
  equal(await failureOf(phone.wx.request, { url }), { errMsg: 'request:fail timeout', errno: 5 })
  await close()
})
