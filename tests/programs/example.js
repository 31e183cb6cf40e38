/* examples/miniprogram: which files an upload has, and what the program does. */
'use strict'

const fs = require('fs')
const path = require('path')
const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { PACKAGE, WAYS, before, compiled } = require('./compiled')
const {
  TOP,
  arguments: { api, shop, tarball },
} = require('./folders')
const { goAway } = require('./going-away')
const { bindsWhatIsThere } = require('./markup')
const { MODULE, SCRIPT, isByteForByte } = require('./packed')
const { start, until, watched } = require('./running')

const test = group('example')

const EXAMPLE = path.join(TOP, 'examples/miniprogram')
const PRODUCTS = ['Longjing tea', 'Porcelain cup', 'Bamboo tray']
const PICTURE = 'wxfile://tmp_picture.jpg'

const names = (page) => page.products.map(({ name }) => name)

test('it depends on the very package that the project builds', async () => {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(EXAMPLE, 'package.json'), 'utf8'))
  equal(
    path.resolve(EXAMPLE, dependencies.wxsession.replace(/^file:/, '')),
    path.join(TOP, 'target', path.basename(tarball)),
  )
})

for (const one of WAYS) {
  const { way, isKept } = one

  test(`compiled ${way} it has ${isKept ? 'script and module' : 'the module'} byte for byte`, async () => {
    const { files } = await compiled(one)
    isByteForByte(files, PACKAGE, MODULE)
    if (isKept) isByteForByte(files, PACKAGE, SCRIPT)
    else ok(files.has(`${PACKAGE}/${SCRIPT}`), 'the script is uploaded')
    ok(!files.has(`${PACKAGE}/index.d.ts`), 'the declarations stay at home')
  })

  test(`compiled ${way} it signs in once, lists products, signs out and in again`, async () => {
    const phone = start(await before(api, one))
    const products = phone.launch()
    await until(products, (data) => data.products.length > 0)
    equal([names(products.data), products.data.products[0].price, products.data.problem], [PRODUCTS, '¥68.00', null])
    equal([phone.counts.logins, phone.counts.requestsByPath['/wx/onlogin']], [1, 1])

    const account = phone.open('pages/account/account')
    equal([account.data.state, account.data.isSignedIn], ['已登录', true])
    await account.signOut()
    equal([account.data.state, account.data.isSignedIn], ['未登录', false])
    products.onShow()
    await until(products, (data) => data.problem)
    equal(
      [products.data.products, products.data.problem],
      [[], { message: '你已退出登录', action: '登录', isSignedOut: true }],
    )

    products.retry()
    equal(phone.page().route, 'pages/sign-in/sign-in')
    await phone.page().byWeChat()
    equal([phone.page() === account, account.data.state], [true, '已登录'])
    products.onShow()
    await until(products, (data) => data.products.length > 0)
    equal([names(products.data), phone.counts.logins], [PRODUCTS, 2])
    account.onUnload()
  })
}

test('it shows each state of the session while it is signed in', async () => {
  const phone = start(await before(api))
  const account = phone.launch('pages/account/account')
  const shown = [account.data.state]
  const { setData } = account
  account.setData = (patch) => {
    if (patch.state && patch.state !== shown[shown.length - 1]) shown.push(patch.state)
    setData(patch)
  }
  await until(account, (data) => data.isSignedIn)
  equal(shown, ['正在加载', '未登录', '正在登录', '已登录'])
})

test('the next launch goes on with the session that was kept', async () => {
  const phone = start(await before(shop))
  await until(phone.launch(), (data) => data.products.length > 0)
  const next = watched(phone.restart())
  await until(next.launch(), (data) => data.products.length > 0)
  equal([next.counts.logins, next.counts.requests], [0, 1])
})

test('its pages have what their markup binds', async () => {
  const root = await before(api)
  const { pages } = JSON.parse(fs.readFileSync(path.join(root, 'app.json'), 'utf8'))
  const phone = start(root)
  phone.launch()
  for (const route of pages) bindsWhatIsThere(path.join(EXAMPLE, `${route}.wxml`), phone.open(route))
})

test('it uploads a picture with the session', async () => {
  const phone = start(await before(shop), { files: new Map([[PICTURE, new Uint8Array(50000)]]) })
  phone.wx.chooseMedia = ({ success }) => success({ tempFiles: [{ tempFilePath: PICTURE }] })
  const page = phone.launch('pages/picture/picture')
  page.choose()
  await until(page, (data) => data.isSent)
  const [{ name, header, statusCode, bytes }] = phone.uploads
  equal([name, statusCode, page.data.progress, page.data.problem], ['picture', 200, 100, null])
  ok(header.sessionid && bytes.length > 50000, 'the picture goes with the session')
})

test('it says so when the server takes no pictures', async () => {
  const phone = start(await before(api), { files: new Map([[PICTURE, new Uint8Array(5)]]) })
  const page = phone.launch('pages/picture/picture')
  await page.send(PICTURE)
  equal(page.data.problem, { message: '服务器返回了 404，请稍后重试', action: '重试', isSignedOut: false })
})

test('it tells the user when the server is away, and the button goes on when it is back', async () => {
  const away = await goAway(api)
  const phone = start(await before(away.url))
  const products = phone.launch()
  await until(products, (data) => data.problem)
  equal(products.data.problem, { message: '连不上服务器，请检查网络后重试', action: '重试', isSignedOut: false })
  await away.comeBack()
  await products.retry()
  equal([names(products.data), products.data.problem, products.data.isLoading], [PRODUCTS, null, false])
})
