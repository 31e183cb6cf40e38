'use strict'

const express = require('express')
const fs = require('fs')
const path = require('path')
const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { page } = require('./page')
const { runOnServer, start } = require('./start')

const test = group('using it')

/** The codes of all errors, from the declarations. */
function codes() {
  const declarations = fs.readFileSync(path.join(__dirname, '../../../js/index.d.ts'), 'utf8')
  const union = declarations.split('type SessionErrorCode =')[1].split('\n\n')[0]
  return Array.from(union.matchAll(/'(\w+)'/g), ([, code]) => code)
}

/** Goes before the code of a page, so that the code exports the page's description. */
const PAGE = `const session = require('./session')
  const { tell } = require('./tell')
  const Page = (description) => { module.exports = description }
`

/** Starts one program with the files of both documents. The server answers `/:status` with that status. */
async function startProgram() {
  const app = express()
  app.post('/wx/onlogin', (request, response) => response.json({ sessionid: 'one' }))
  app.get('/ended', (request, response) => response.status(401).json({ code: 'session_replaced' }))
  app.get('/refused', (request, response) => response.json({ errcode: 7, errmsg: 'sold out' }))
  app.get('/:status', ({ params }, response) => response.status(Number(params.status)).json({ status: params.status }))
  const guide = page('guide')
  const pages = guide.unnamed
    .filter((block) => /^Page\(/.test(block))
    .map((block, place) => /** @type {[string, string]} */ ([`page-${place}.js`, PAGE + block]))
  const files = new Map([...guide.files, ...page('errors').files, ...pages])
  const { phone, run } = await start({ files }, { app })
  const shown = []
  const questions = []
  Object.assign(phone.wx, {
    showNavigationBarLoading: () => shown.push('loading'),
    hideNavigationBarLoading: () => shown.push('loaded'),
    showToast: ({ title }) => shown.push(title),
    showModal: ({ content, success, complete }) => {
      shown.push(content)
      questions.push(() => {
        success({ confirm: true })
        complete()
      })
    },
  })
  return { shown, questions, run, call: run('api.js'), session: run('session.js') }
}

test('a server of thirty lines is enough', async () => {
  const createService = runOnServer(page('service/docs/protocol.md').named('service.js, on the server'))
  const app = createService(async (code) => code && 'openid')
  const source = `module.exports = require('wxsession').createSession({ loginUrl: 'https://api.example.com/wx/onlogin' })`
  const { phone, run } = await start({ files: new Map([['session.js', source]]) }, { app })
  const session = run('session.js')
  const answers = await Promise.all(Array.from({ length: 20 }, () => session.request({ url: '/wx/products/list' })))
  equal([answers.every(({ statusCode }) => statusCode === 200), phone.counts.logins], [true, 1])
})

test('there is a sentence for every failure', async () => {
  const { run } = await startProgram()
  const { sentenceFor } = run('errors.js')
  const unsaid = codes().filter((code) => !sentenceFor({ code }))
  equal([codes().length > 20, unsaid], [true, ['aborted']])
})

test('the function for all calls gives what the server answers', async () => {
  const { call, shown } = await startProgram()
  equal([await call('GET', '/200'), shown], [{ status: '200' }, ['loading', 'loaded']])
})

test('it tells the user of a status and of what the body says', async () => {
  const { call, shown } = await startProgram()
  const errors = []
  for (const path of ['/500', '/refused']) errors.push(await call('GET', path).catch((error) => error))
  equal(
    errors.map(({ code, statusCode, errcode }) => [code, statusCode || errcode]),
    [
      ['status', 500],
      ['refused', 7],
    ],
  )
  equal(
    shown.filter((text) => !/^load/.test(text)),
    ['服务暂时不可用，请稍后再试', 'sold out'],
  )
})

test('a page that is left gives its call up', async () => {
  const { run } = await startProgram()
  const description = run('page-0.js')
  const data = []
  const left = Object.assign(Object.create(description), { setData: (value) => data.push(value) })
  left.onLoad()
  left.onUnload()
  equal([(await left.task.catch((error) => error)).code, data], ['aborted', []])
})

test('a page with buttons shows the state, signs in and out', async () => {
  const { run, session } = await startProgram()
  const description = run('page-1.js')
  const states = []
  const shown = Object.assign(Object.create(description), { setData: ({ state }) => states.push(state) })
  shown.onLoad()
  shown.signIn()
  await session.login()
  shown.signOut()
  await session.logout()
  equal(states, ['loading', 'signed-out', 'signing-in', 'signed-in', 'signed-out'])
  shown.onUnload()
  await session.login()
  equal(states.length, 5)
})

test('it asks the user who was signed in elsewhere once, and signs in', async () => {
  const { call, session, shown, questions } = await startProgram()
  const failures = await Promise.all(
    ['/ended', '/ended', '/ended'].map((path) => call('GET', path).catch((error) => error)),
  )
  equal([failures.map(({ code }) => code), session.state], [Array(3).fill('session_replaced'), 'ended'])
  equal(
    shown.filter((text) => !/^load/.test(text)),
    ['账号已在其他设备登录，需要重新登录吗？'],
  )
  questions[0]()
  while (session.state !== 'signed-in') await new Promise((resolve) => session.onChange(resolve))
  equal(await call('GET', '/200'), { status: '200' })
})
