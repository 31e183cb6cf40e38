/* The code of the guide to accounts, unchanged, against wxsession-server with accounts of its own. */
'use strict'

const { platform } = require('../../simulator/phone')
const { page } = require('../docs/code/page')
const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { startWorld } = require('./account-world')
const {
  arguments: { package: program },
} = require('./folders')
const { start, until } = require('./running')

const test = group('guide to accounts')

const ADDRESS = 'https://api.example.com'
const PASSWORD = 'correct horse battery'

/** The guide's program on the phone of this WeChat user. Its sign-in page is the test. */
function startProgram(world, name) {
  const { files } = page('accounts')
  const root = program.replace(/\/$/, '')
  const readText = (file) => {
    const source = files.get(file.slice(root.length + 1))
    return source === undefined ? platform.readText(file) : source.split(ADDRESS).join(world.url)
  }
  const phone = start(root, { newCode: world.newCode(name), platform: Object.assign({}, platform, { readText }) })
  const opened = []
  Object.assign(phone.wx, { navigateTo: (options) => opened.push(options) })
  phone.require('./app.js')
  const account = phone.require('./account.js')
  return {
    opened,
    account,
    session: phone.require('./session.js'),
    signIn: phone.require('./sign-in.js'),
    waysIn: phone.require('./ways-in.js'),
    security: phone.require('./security.js'),
    user: async () => (await account.get()).user,
    kinds: async () => (await account.get()).identities.map(({ kind }) => kind).sort(),
  }
}

/** Waits until a program has asked for its sign-in page, and takes the question. */
async function asked({ opened }) {
  await until({ data: opened }, ({ length }) => length > 0)
  return opened.shift()
}

test('a guest registers, signs in on another phone, and binds it', async () => {
  const world = await startWorld()
  const first = startProgram(world, 'li')
  const guest = await first.user()
  await first.signIn.byPassword('li.na', PASSWORD, { register: true })
  equal([await first.user(), await first.kinds()], [guest, ['name', 'wechat']])
  const second = startProgram(world, 'wang')
  await second.signIn.byPassword('li.na', PASSWORD)
  const { id, kind } = await second.waysIn.linkWeChat()
  equal([await second.user(), kind], [guest, 'wechat'])
  equal(await startProgram(world, 'wang').user(), guest)
  await second.waysIn.linkPhone(await world.phoneCode('wang'))
  await second.waysIn.unlink(id)
  equal(await second.kinds(), ['name', 'phone', 'wechat'])
})

test('a code, WeChat’s phone number and a third party sign in, and register who is new', async () => {
  const world = await startWorld()
  const { signIn, kinds } = startProgram(world, 'li')
  equal(await signIn.sendCode('li@example.com'), { expires_in: 300, resend_in: 60 })
  await signIn.byCode('li@example.com', await world.codes.to('li@example.com'))
  equal(await kinds(), ['email', 'wechat'])
  equal(signIn.byPhone({ detail: { errMsg: 'getPhoneNumber:fail user deny' } }), undefined)
  await signIn.byPhone({ detail: { code: await world.phoneCode('li') } })
  equal(await kinds(), ['phone'])
  await signIn.byThirdParty('school', ({ user_code, verification_uri }) => {
    ok(/^http/.test(verification_uri), verification_uri)
    world.decide(user_code, { agree: 'li.na' })
  })
  equal(await kinds(), ['oidc'])
  await signIn.byWeChat()
  equal(await kinds(), ['email', 'wechat'])
})

test('a new password asks for a proof, and leads the other phone to its sign-in page', async () => {
  const world = await startWorld()
  const phone = startProgram(world, 'li')
  await phone.signIn.byPassword('li.na', PASSWORD, { register: true })
  const other = startProgram(world, 'wang')
  await other.signIn.byPassword('li.na', PASSWORD)
  equal((await phone.security.devices()).length, 2)
  await world.later('+11m')
  const done = phone.security.setPassword('another horse battery')
  const { url, events } = await asked(phone)
  equal(url, '/pages/sign-in/sign-in?methods=password,wechat')
  await phone.signIn.byPassword('li.na', PASSWORD)
  events.left()
  await done
  await other.account.get().catch(({ code }) => equal(code, 'session_revoked'))
  equal([(await asked(other)).url, other.session.state], ['/pages/sign-in/sign-in', 'ended'])
})

test('somebody else’s proof changes nothing', async () => {
  const world = await startWorld()
  await startProgram(world, 'wang').signIn.byPassword('wang.wei', PASSWORD, { register: true })
  const phone = startProgram(world, 'li')
  await phone.signIn.byPassword('li.na', PASSWORD, { register: true })
  await world.later('+11m')
  const removed = phone.security.remove().then(
    () => 'removed',
    ({ message }) => message,
  )
  const { events } = await asked(phone)
  await phone.signIn.byPassword('wang.wei', PASSWORD)
  events.left()
  equal([await removed, await phone.kinds()], ['somebody else has signed in', ['name', 'wechat']])
})

test('a device is ended, and whoever deletes the account is a guest', async () => {
  const world = await startWorld()
  const phone = startProgram(world, 'li')
  await phone.signIn.byPassword('li.na', PASSWORD, { register: true })
  const other = startProgram(world, 'wang')
  await other.signIn.byPassword('li.na', PASSWORD)
  const { id } = (await phone.security.devices()).find(({ here }) => !here)
  await phone.security.endDevice(id)
  await other.account.get().catch(({ code }) => equal(code, 'session_revoked'))
  equal(other.session.state, 'ended')
  await phone.security.remove()
  equal([(await phone.account.get()).guest, phone.session.state], [true, 'signed-in'])
})
