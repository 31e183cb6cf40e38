/* The pages of examples/miniprogram on which users sign in, against wxsession-server with accounts of its own. */
'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { ACCOUNT, PASSWORD, SIGN_IN, go, opened, register, signedIn, typed, user } = require('./account-steps')
const { startWorld } = require('./account-world')
const { until } = require('./running')

const test = group('account pages')

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
  equal([page.data.problem.message, page.data.isBusy], ['账号或密码不正确，或没有这个账号', false])
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

test('a third party is not asked any longer when the page is left', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await opened(phone)
  const page = await go(phone, 'sign-in')
  const over = page.byThirdParty()
  await until(page, ({ ask }) => ask)
  page.leave()
  await world.decide(page.data.ask.user_code, { agree: 'li.na' })
  await over
  equal((await phone.account.get()).guest, true)
})

test('a sign-in or a registration that succeeds after its page was left leads nowhere', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await register(phone, 'li.na')
  await go(phone, 'devices')
  const page = await go(phone, 'sign-in')
  const over = page.byPassword(typed({ identifier: 'li.na', password: PASSWORD }))
  page.leave()
  await over
  equal([page.data.problem, phone.page().route], [null, 'pages/devices/devices'])
  const form = await go(phone, 'register')
  const registered = form.register(typed({ identifier: 'wang.wei', password: PASSWORD }))
  phone.wx.navigateBack()
  await registered
  equal([form.data.problem, phone.page().route], [null, 'pages/devices/devices'])
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
