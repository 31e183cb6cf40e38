/* The pages of examples/miniprogram on which users change their accounts, against wxsession-server with accounts of its own. */
'use strict'

const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { ACCOUNT, PASSWORD, SIGN_IN, go, on, opened, register, signedIn, typed, user } = require('./account-steps')
const { startWorld } = require('./account-world')
const { until } = require('./running')

const test = group('account changes')

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
  equal([other.page().data.problem.message, other.page().route], ['账号或密码不正确，或没有这个账号', SIGN_IN])
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

test('a proof founds no account', async () => {
  const world = await startWorld()
  const phone = await world.phone('li')
  await opened(phone)
  await (await go(phone, 'sign-in')).byPhone({ detail: { code: await phone.phoneCode() } })
  await world.later('+11m')
  const page = await go(phone, 'password')
  const done = page.setPassword(typed({ password: PASSWORD }))
  await until(page, () => phone.page().route === SIGN_IN)
  const signIn = phone.page()
  equal([signIn.data.can.code, signIn.data.can.password], [true, false])
  signIn.type(typed('+8613900139000'))
  await signIn.sendCode()
  await signIn.byCode(typed({ otp: await world.codes.to('+8613900139000') }))
  equal(signIn.data.problem.message, '账号或密码不正确，或没有这个账号')
  signIn.leave()
  await done
  equal(page.data.isDone, false)
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
