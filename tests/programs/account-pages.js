/* The account pages of examples/miniprogram, against wxsession-server with accounts of its own. */
'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { startWorld } = require('./account-world')
const { until } = require('./running')

const test = group('account pages')

const PASSWORD = 'correct horse battery'
const ACCOUNT = 'pages/account/account'
const SIGN_IN = 'pages/sign-in/sign-in'

/** What a form gives. */
const typed = (value) => ({ detail: { value } })
/** What a tap on an item of a list gives. */
const on = (dataset) => ({ currentTarget: { dataset } })

/** Opens the first page and then the account's, as its user does by the tab bar. */
async function opened(phone) {
  phone.launch()
  await phone.wx.switchTab({ url: `/${ACCOUNT}` })
  const page = phone.page()
  await until(page, ({ isSignedIn }) => isSignedIn)
  await until(page, ({ isGuest, ways }) => isGuest || ways.length > 0)
  return page
}

async function go(phone, name) {
  await phone.wx.navigateTo({ url: `/pages/${name}/${name}` })
  return phone.page()
}

async function user(phone) {
  return (await phone.account.get()).user
}

async function register(phone, identifier) {
  const account = await opened(phone)
  const page = await go(phone, 'register')
  await page.register(typed({ identifier, password: PASSWORD }))
  equal(page.data.problem, null)
  await until(account, ({ ways }) => ways.length > 0)
  return account
}

/** A phone of somebody else that is signed in to the account. */
async function signedIn(phone, identifier, isLinking) {
  const account = await opened(phone)
  const page = await go(phone, 'sign-in')
  if (isLinking) page.chooseLinking(typed(true))
  await page.byPassword(typed({ identifier, password: PASSWORD }))
  equal(page.data.problem, null)
  await until(account, ({ isGuest }) => !isGuest)
  return account
}

test('a guest is told so, and keeps the user when registering', async () => {
  const { phone: phoneOf } = await startWorld()
  const phone = await phoneOf('li')
  const account = await opened(phone)
  equal([account.data.isGuest, account.data.ways, account.data.problem], [true, [], null])
  const guest = await user(phone)
  await register(phone, 'li.na')
  equal([phone.page() === account, account.data.isGuest], [true, false])
  equal([account.data.ways.sort(), await user(phone)], [['微信', '用户名 l***a'], guest])
})

test('a wrong password is told, and the guest stays signed in; the right one signs in to the account', async () => {
  const world = await startWorld()
  const first = await world.phone('li')
  await register(first, 'li.na')
  const second = await world.phone('wang')
  await opened(second)
  const page = await go(second, 'sign-in')
  await page.byPassword(typed({ identifier: 'li.na', password: 'incorrect horse' }))
  equal([page.data.problem.message, page.data.isBusy], ['账号或密码不正确', false])
  equal([second.session.state, (await second.account.get()).guest], ['signed-in', true])
  await page.byPassword(typed({ identifier: 'Li.Na', password: PASSWORD }))
  equal([second.page().route, await user(second)], [ACCOUNT, await user(first)])
})

test('what was linked at the sign-in is silent from then on; the other WeChat is not', async () => {
  const world = await startWorld()
  const first = await world.phone('li')
  await register(first, 'li.na')
  for (const [name, isLinking] of /** @type {const} */ ([
    ['wang', true],
    ['zhao', false],
  ])) {
    const phone = await world.phone(name)
    await signedIn(phone, 'li.na', isLinking)
    const anew = await world.phone(name)
    const account = await opened(anew)
    equal([account.data.isGuest, (await user(anew)) === (await user(first))], [!isLinking, isLinking])
  }
})

test('a name that is taken is told with what can be done, and a weak password with its reason', async () => {
  const world = await startWorld()
  await register(await world.phone('li'), 'li.na')
  const second = await world.phone('wang')
  await opened(second)
  const page = await go(second, 'register')
  await page.register(typed({ identifier: 'li.na', password: PASSWORD }))
  const { message } = page.data.problem
  ok(/登录那个账号/.test(message) && /解绑/.test(message) && /注销/.test(message), message)
  for (const [identifier, password, told] of [
    ['wang.wei', 'a1b2c3', '密码太短，至少 8 位'],
    ['wang.wei', 'password1', '这个密码太常见，容易被猜到，请换一个'],
    ['wangweiwei', 'wangweiwei', '密码不能与用户名、手机号或邮箱相同'],
    ['wang.wei', 'x'.repeat(129), '密码太长，最多 128 位'],
    ['7', PASSWORD, '填写的内容不正确，请检查后重试'],
  ]) {
    await page.register(typed({ identifier, password }))
    equal([page.data.problem.message, page.data.problem.action], [told, '重试'])
  }
  equal((await second.account.get()).guest, true)
})

test('a code that was sent signs in, also who is new, and after signing out', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  const account = await opened(phone)
  await account.signOut()
  equal([account.data.state, account.data.isSignedIn], ['未登录', false])
  account.signIn()
  const page = phone.page()
  page.type(typed('+8613800138000'))
  await page.sendCode()
  equal([page.data.problem, page.data.wait > 50, phone.session.state], [null, true, 'signed-out'])
  await page.byCode(typed({ otp: '000000' === (await world.codes.to('+8613800138000')) ? '000001' : '000000' }))
  equal(page.data.problem.message, '验证码不正确')
  await page.byCode(typed({ otp: await world.codes.to('+8613800138000') }))
  equal(page.data.problem, null)
  await until(account, ({ ways }) => ways.length > 0)
  ok(
    account.data.ways.some((way) => /^手机号 \+86138\*+/.test(way)),
    account.data.ways,
  )
})

test('WeChat’s phone number signs in, and nothing happens if the user refuses', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  const account = await opened(phone)
  const page = await go(phone, 'sign-in')
  await page.byPhone({ detail: { errMsg: 'getPhoneNumber:fail user deny' } })
  equal([phone.page() === page, page.data.problem], [true, null])
  await page.byPhone({ detail: { code: await phone.phoneCode() } })
  equal(page.data.problem, null)
  await until(account, ({ ways }) => ways.some((way) => /^手机号/.test(way)))
})

test('a third party shows its code, and signs in once its user has agreed', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  const account = await opened(phone)
  const page = await go(phone, 'sign-in')
  const over = page.byThirdParty()
  await until(page, ({ ask }) => ask)
  equal([page.data.isBusy, /^http:/.test(page.data.ask.verification_uri)], [true, true])
  page.copyAddress()
  equal(phone.copied, [page.data.ask.verification_uri])
  await world.decide(page.data.ask.user_code, { agree: 'li.na' })
  await over
  equal([phone.page() === account, page.data.problem], [true, null])
  await until(account, ({ ways }) => ways.includes('第三方账号 school'))
})

test('a third party whose user refuses signs nobody in', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await opened(phone)
  const page = await go(phone, 'sign-in')
  const over = page.byThirdParty()
  await until(page, ({ ask }) => ask)
  await world.decide(page.data.ask.user_code, 'refuse')
  await over
  equal([page.data.problem.message, page.data.ask], ['第三方没有授权这次登录', null])
  equal((await phone.account.get()).guest, true)
})

test('who does not want to sign in is let out, also where the sign-in page is the first', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  const account = await opened(phone)
  const page = await go(phone, 'sign-in')
  page.leave()
  equal([phone.page() === account, phone.session.state], [true, 'signed-in'])
  const shared = await world.phone('wang')
  shared.launch(SIGN_IN).leave()
  await until(shared.page(), () => shared.page().route === ACCOUNT)
})

test('a new password takes a recent proof, and the other phone is out and asked to sign in', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await register(phone, 'li.na')
  const other = await world.phone('wang')
  await signedIn(other, 'li.na', false)
  await world.later('+11m')
  const page = await go(phone, 'password')
  const done = page.setPassword(typed({ password: 'another horse battery' }))
  await until(page, () => phone.page().route === SIGN_IN)
  const signIn = phone.page()
  equal([signIn.data.isProof, signIn.data.can.password, signIn.data.can.phone], [true, true, false])
  await signIn.byPassword(typed({ identifier: 'li.na', password: PASSWORD }))
  await done
  equal([phone.page() === page, page.data.isDone, page.data.problem], [true, true, null])

  await other.page().onShow()
  equal([other.session.state, other.page().route], ['ended', SIGN_IN])
  await other.page().byPassword(typed({ identifier: 'li.na', password: PASSWORD }))
  equal([other.page().data.problem.message, other.page().route], ['账号或密码不正确', SIGN_IN])
  await other.page().byPassword(typed({ identifier: 'li.na', password: 'another horse battery' }))
  equal([other.page().route, await user(other)], [ACCOUNT, await user(phone)])
})

test('who goes back instead of proving changes nothing, and neither does somebody else’s proof', async () => {
  const world = await startWorld()
  await register(await world.phone('wang'), 'wang.wei')
  const phone = await world.phone('li')
  await register(phone, 'li.na')
  await world.later('+11m')
  const page = await go(phone, 'password')
  for (const [leave, told] of /** @type {const} */ ([
    [() => phone.page().leave(), '请先验证身份，再继续操作'],
    [
      () => phone.page().byPassword(typed({ identifier: 'wang.wei', password: PASSWORD })),
      '你刚才登录的是另一个账号，没有做任何更改',
    ],
  ])) {
    const done = page.setPassword(typed({ password: 'another horse battery' }))
    await until(page, () => phone.page().route === SIGN_IN)
    await leave()
    await done
    equal([page.data.problem.message, page.data.isDone], [told, false])
  }
})

test('another device is listed, ended, and asked to sign in', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await register(phone, 'li.na')
  const other = await world.phone('wang')
  await signedIn(other, 'li.na', false)
  const page = await go(phone, 'devices')
  await until(page, ({ devices }) => devices.length === 2)
  equal(page.data.devices.map(({ name, isHere }) => [name, isHere]).sort(), [
    ['用户名 l***a', false],
    ['用户名 l***a', true],
  ])
  await page.end(on(page.data.devices.find(({ isHere }) => !isHere)))
  equal([page.data.devices.length, page.data.problem], [1, null])
  await other.page().onShow()
  equal([other.session.state, other.page().route], ['ended', SIGN_IN])
})

test('WeChat and a phone number are bound and unbound, but for the last way in', async () => {
  const world = await startWorld()
  await register(await world.phone('li'), 'li.na')
  const phone = await world.phone('wang')
  await signedIn(phone, 'li.na', false)
  const page = await go(phone, 'identities')
  const named = () => page.data.identities.map(({ name }) => name.split(' ')[0])
  await until(page, ({ identities }) => identities.length === 2)
  equal([named().sort(), page.data.isWeChatLinked], [['微信', '用户名'], true])
  await page.linkPhone({ detail: { code: await phone.phoneCode() } })
  equal([named().includes('手机号'), page.data.problem], [true, null])
  for (const name of ['微信', '手机号']) {
    await page.unlink(on(page.data.identities.find((identity) => identity.name.indexOf(name) === 0)))
  }
  equal([named(), page.data.isWeChatLinked, phone.asked.length], [['用户名'], false, 2])
  await page.unlink(on(page.data.identities[0]))
  ok(/唯一的登录方式/.test(page.data.problem.message), page.data.problem.message)
  await page.linkWeChat()
  equal([named().sort(), page.data.problem], [['微信', '用户名'], null])
})

test('WeChat that is bound to another account stays there', async () => {
  const world = await startWorld()
  await register(await world.phone('li'), 'li.na')
  const phone = await world.phone('wang')
  await register(phone, 'wang.wei')
  const own = await user(phone)
  const page = await go(phone, 'sign-in')
  page.chooseLinking(typed(true))
  await page.byPassword(typed({ identifier: 'li.na', password: PASSWORD }))
  ok(/已属于另一个账号/.test(page.data.problem.message), page.data.problem.message)
  equal(await user(phone), own)
})

test('whoever deletes the account is a guest again, and the name is free', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  const account = await register(phone, 'li.na')
  await world.later('+11m')
  const page = await go(phone, 'removal')
  const removed = page.remove()
  await until(page, () => phone.page().route === SIGN_IN)
  await phone.page().byWeChat()
  await removed
  equal([page.data.problem, phone.page() === account, phone.asked.length], [null, true, 1])
  await until(account, ({ isGuest, isSignedIn }) => isGuest && isSignedIn)
  await register(await world.phone('wang'), 'li.na')
})
