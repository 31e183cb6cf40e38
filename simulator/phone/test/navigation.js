'use strict'

const { equal, test } = require('./runner')
const { start } = require('./start')

/** A started program, and what a navigation says. */
async function launched() {
  const { phone } = await start(() => ({}))
  const list = phone.launch()
  const said = (call) => call.then(({ errMsg }) => errMsg).catch(({ errMsg }) => errMsg)
  return { phone, wx: phone.wx, list, said }
}

test('a page is opened over the others with its query, and going back unloads it', async () => {
  const { phone, wx, list, said } = await launched()
  equal(await said(wx.navigateTo({ url: '/pages/detail?of=a%20b&more=1' })), 'navigateTo:ok')
  const detail = phone.page()
  equal([detail.route, detail.options], ['pages/detail', { of: 'a b', more: '1' }])
  let unloaded = 0
  detail.onUnload = () => unloaded++
  equal(await said(wx.navigateBack()), 'navigateBack:ok')
  equal([phone.page() === list, unloaded, list.data.calls.slice(-2)], [true, 1, ['hide', 'show']])
  equal(await said(wx.navigateBack({ delta: 1 })), 'navigateBack:fail cannot navigate back at first page.')
})

test('a path may start at the page on top', async () => {
  const { phone, wx, said } = await launched()
  equal(await said(wx.navigateTo({ url: '../pages/detail' })), 'navigateTo:ok')
  equal(phone.page().route, 'pages/detail')
})

test('a page of the tab bar is kept, and the pages over it are unloaded', async () => {
  const { phone, wx, list, said } = await launched()
  await wx.navigateTo({ url: 'detail' })
  equal(await said(wx.switchTab({ url: '/pages/mine' })), 'switchTab:ok')
  const mine = phone.page()
  equal([mine.data.calls, mine.options], [['load undefined', 'show'], {}])
  await wx.switchTab({ url: '/pages/list' })
  equal([phone.page() === list, mine.data.calls.slice(-1)], [true, ['hide']])
  await wx.switchTab({ url: '/pages/mine' })
  await wx.switchTab({ url: '/pages/mine' })
  equal([phone.page() === mine, mine.data.calls], [true, ['load undefined', 'show', 'hide', 'show']])
  equal(await said(wx.navigateBack()), 'navigateBack:fail cannot navigate back at first page.')
})

test('a page takes the place of the one on top', async () => {
  const { phone, wx, said } = await launched()
  await wx.navigateTo({ url: 'detail' })
  let unloaded = 0
  phone.page().onUnload = () => unloaded++
  equal(await said(wx.redirectTo({ url: 'detail?of=2' })), 'redirectTo:ok')
  equal([phone.page().options, unloaded], [{ of: '2' }, 1])
  await wx.navigateBack()
  equal(phone.page().route, 'pages/list')
})

test('a navigation that leads nowhere says why', async () => {
  const { wx, said } = await launched()
  equal(await said(wx.navigateTo({ url: '/pages/mine' })), 'navigateTo:fail can not navigateTo a tabbar page')
  equal(await said(wx.redirectTo({ url: '/pages/mine' })), 'redirectTo:fail can not redirectTo a tabbar page')
  equal(await said(wx.switchTab({ url: '/pages/detail' })), 'switchTab:fail can not switch to no-tabBar page')
  equal(await said(wx.navigateTo({ url: '/pages/none' })), 'navigateTo:fail page "pages/none" is not found')
  for (let open = 1; open < 10; open++) await wx.navigateTo({ url: '/pages/detail' })
  equal(await said(wx.navigateTo({ url: '/pages/detail' })), 'navigateTo:fail webview count limit exceed')
})

test('callbacks are called in a later turn', async () => {
  const { wx } = await launched()
  const heard = []
  /** @type {Promise<void>} */
  const over = new Promise((resolve) => {
    wx.navigateTo({
      url: '/pages/none',
      success: () => heard.push('success'),
      fail: () => heard.push('fail'),
      complete: () => resolve(),
    })
  })
  equal(heard, [])
  await over
  equal(heard, ['fail'])
})
