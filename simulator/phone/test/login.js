'use strict'

const { equal, sleep, test, until } = require('./runner')
const { called, failureOf, start, successOf } = require('./start')

test('wx.login gives a fresh code each time, by callbacks alone', async () => {
  const { phone } = await start(() => ({}))
  equal(phone.wx.login(), undefined)
  const first = await called(phone.wx.login)
  equal(
    first.map(([name]) => name),
    ['success', 'complete'],
  )
  equal(first[0][1].errMsg, 'login:ok')
  const second = await successOf(phone.wx.login)
  equal(second.code === first[0][1].code, false)
  equal(phone.counts.logins, 3)
})

test('wx.login calls back after it has returned, unless told otherwise', async () => {
  const order = []
  const login = (phone) => {
    phone.wx.login({ success: () => order.push('success') })
    order.push('returned')
  }
  const { phone } = await start(() => ({}))
  login(phone)
  await sleep(5)
  login(phone.restart({ sameTick: true }))
  equal(order, ['returned', 'success', 'success', 'returned'])
})

test('wx.login waits for a code that takes time', async () => {
  const { phone } = await start(() => ({}), { newCode: () => Promise.resolve('from afar') })
  equal((await successOf(phone.wx.login)).code, 'from afar')
})

test('wx.login fails where WeChat has no code, and the cause is kept for the test', async () => {
  const { phone } = await start(() => ({}), { newCode: () => Promise.reject(new Error('unreachable')) })
  equal((await failureOf(phone.wx.login)).errMsg, 'login:fail system error')
  equal(phone.thrown[0].error.message, 'unreachable')
})

test('a hook makes wx.login fail with anything, succeed without a code, call twice, late or never', async () => {
  const { phone } = await start(() => ({}))
  phone.hooks.login = () => ({ fail: undefined })
  equal(await failureOf(phone.wx.login), undefined)
  phone.hooks.login = () => ({ answer: { errMsg: 'login:ok' } })
  equal(await successOf(phone.wx.login), { errMsg: 'login:ok' })

  const calls = []
  const options = { success: () => calls.push('success'), complete: () => calls.push('complete') }
  phone.hooks.login = ({ number }) => [{ times: 2 }, { times: 0 }, { late: 300 }][number - 3]
  phone.wx.login(options)
  await until(() => calls.length === 4)
  equal(calls, ['success', 'complete', 'success', 'complete'])
  phone.wx.login(options)
  await sleep(5)
  equal(calls.length, 4)
  phone.wx.login(options)
  await sleep(5)
  equal(calls.length, 4)
  await until(() => calls.length === 6)
})

test('what a callback throws is noted and breaks nothing', async () => {
  const { phone } = await start(() => ({}))
  const completed = []
  phone.wx.login({
    success() {
      throw new Error('of the app')
    },
    complete: () => completed.push(true),
  })
  await sleep(5)
  equal(completed, [true])
  equal(
    phone.thrown.map(({ where, error }) => [where, error.message]),
    [['login:success', 'of the app']],
  )
})
