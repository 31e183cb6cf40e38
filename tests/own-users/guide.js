/* The guide "your own user database": its mini program against its backend. */
'use strict'

const fs = require('fs')
const path = require('path')
const { loginAt, platform, startPhone } = require('../../simulator/phone')
const { blocksOf, page, ROOT } = require('../docs/code/page')
const { program } = require('../package/arguments')
const { equal, ok } = require('../package/assert')
const { afterwards, group } = require('../package/runner')
const { open } = require('./world')

const test = group('guide')
const GUIDE = 'service/docs/own-users.md'
const ADDRESS = 'https://api.example.com'
const GLANCE = 10

/** The guide's mini program on the phone of this WeChat user. */
function startProgram(world, user) {
  const { files } = page(GUIDE)
  const root = program.replace(/\/$/, '')
  const readText = (file) => {
    const source = files.get(file.slice(root.length + 1))
    const beginning = 'const Page = (description) => { module.exports = description }\n'
    return source ? beginning + source.split(ADDRESS).join(world.url) : platform.readText(file)
  }
  const phone = startPhone({
    root,
    newCode: loginAt(world.wechat, { user }),
    platform: Object.assign({}, platform, { readText }),
  })
  afterwards(async () => {
    phone.stop()
    equal(
      phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
      [],
    )
  })
  const shown = []
  Object.assign(phone.wx, {
    showToast: ({ title }) => shown.push(title),
    navigateBack: () => shown.push('back'),
    navigateTo: ({ url }) => shown.push(url),
  })
  phone.require('./app.js')
  const session = phone.require('./session.js')
  return {
    shown,
    submit: (value) => phone.require('./sign-in.js').submit({ detail: { value } }),
    call: (options) => session.request(options),
    /** Whom the backend sees. */
    name: async () => (await session.request({ url: '/me' })).data.name,
  }
}

test('its code is that of the examples', async () => {
  const parts = { js: 'express/server.js', java: 'spring/SignIn.java' }
  for (const [language, file] of Object.entries(parts)) {
    // The guide does without the indentation of the class.
    const bare = (text) => text.replace(/^ +/gm, '')
    const example = bare(fs.readFileSync(path.join(ROOT, 'examples/own-users', file), 'utf8'))
    const named = [...page(GUIDE).files.values()]
    const blocks = blocksOf(GUIDE, language).filter((block) => !named.includes(block))
    ok(blocks.length > 0, language)
    for (const block of blocks) ok(example.includes(bare(block)), `${file} contains ${block}`)
  }
})

test('its mini program signs in, and is asked to again when the password was changed elsewhere', async () => {
  const world = await open('express')
  const phone = startProgram(world, 'guide ann')
  equal(await phone.name(), 'guest')
  await phone.submit({ name: 'li.na', password: 'wrong', bind: false })
  equal([phone.shown.splice(0), await phone.name()], [['账号或密码不对'], 'guest'])
  await phone.submit({ name: 'li.na', password: 'battery staple', bind: false })
  equal([phone.shown.splice(0), await phone.name()], [['back'], 'li.na'])

  const other = startProgram(world, 'guide bob')
  await other.submit({ name: 'li.na', password: 'battery staple', bind: false })
  const change = { old: 'battery staple', password: 'Tr0ub4dor' }
  const changed = await other.call({ url: '/me/password', method: 'PUT', data: change })
  equal([changed.statusCode, await other.name()], [204, 'li.na'])
  equal((await phone.call({ url: '/me' })).statusCode, 401)
  while (phone.shown.length === 0) await new Promise((resolve) => setTimeout(resolve, GLANCE))
  equal(phone.shown, ['/pages/sign-in/sign-in'])
})

test('its mini program signs in silently on a phone that is linked', async () => {
  const world = await open('express')
  await startProgram(world, 'guide eve').submit({ name: 'li.na', password: 'battery staple', bind: true })
  const again = startProgram(world, 'guide eve')
  equal(await again.name(), 'li.na')
  const other = startProgram(world, 'guide eve')
  await other.submit({ name: 'wang.wei', password: 'correct horse', bind: true })
  equal(other.shown, ['这个微信已经绑定了别的账号'])
})
