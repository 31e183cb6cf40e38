/* A program that signs its requests, against wxsession-server that demands it. */
'use strict'

const { freePort, start: startProcess } = require('../own-users/processes')
const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const {
  arguments: { server, wechat },
  addPackage,
  programOf,
  unpack,
} = require('./folders')
const official = require('./official')
const { isByteForByte } = require('./packed')
const { start, until } = require('./running')

const test = group('signed')

const PACKAGE = 'miniprogram_npm/wxsession'
const APP = { appid: 'wx5e55105e55105e55', secret: '51a51a51a51a51a51a51a51a51a51a51' }

/** A server that demands signed requests, or offers them. */
async function startServer(proof) {
  const listen = `127.0.0.1:${await freePort()}`
  const command = [server, '--appid', APP.appid, '--wechat-api', wechat, '--listen', listen]
  const process = startProcess(command.concat('--store', 'memory', '--proof', proof), {
    WXSESSION_SECRET: APP.secret,
  })
  await process.until((output) => /listening on http/.test(output))
  return `http://${listen}`
}

/** The files of an upload: a page that asks whether its session is alive, by a GET, and ends the others, by a POST. */
async function compiled(name, url, host, ignore) {
  const folder = programOf(name, {
    'project.config.json': {
      compileType: 'miniprogram',
      projectname: name,
      packOptions: { ignore, include: [] },
      setting: {
        es6: true,
        enhance: true,
        babelSetting: { ignore: [`${PACKAGE}/*`], disablePlugins: [], outputPath: '' },
      },
    },
    'package.json': { name, private: true, dependencies: { wxsession: '*' } },
    'app.json': { pages: ['page'] },
    'app.js': 'App({})',
    'page.wxml': '<view>{{said}}</view>',
    'page.wxss': '',
    'page.json': {},
    'page.js': `const { createSession } = require('wxsession')
      ${host ? "const { signed } = require('wxsession/signed')" : ''}
      const loginUrl = '${url}/wx/onlogin'
      const session = createSession({ loginUrl${host} })
      Page({
        data: { said: [], problem: '' },
        async onLoad() {
          try {
            const alive = await session.request({ url: '/wx/session?茶=a b' })
            const ended = await session.request({ url: '/wx/logout?others=true', method: 'POST', data: { 茶: '茶' } })
            this.setData({ said: [alive.statusCode, ended.statusCode] })
          } catch ({ code, problem }) {
            this.setData({ problem: code + ': ' + problem.code })
          }
        }
      })`,
  })
  addPackage(folder)
  const project = official.open(folder)
  equal(await official.packNpm(project), [])
  return official.compile(project)
}

/** What the program shows. */
async function shown(name, files) {
  const phone = start(unpack(name, files))
  const page = phone.launch('page')
  await until(page, ({ said, problem }) => said.length > 0 || problem)
  return { phone, page: page.data }
}

test('a program that signs works with a server that demands it, and its session id alone does not', async () => {
  const url = await startServer('required')
  const files = await compiled('signing', url, ', host: signed(wx, loginUrl)', [])
  isByteForByte(files, PACKAGE, 'signed.js')
  const { phone, page } = await shown('signing', files)
  equal([page.problem, page.said, phone.counts.logins], ['', [200, 204], 1])
  const [, { header }] = phone.requests
  const answer = await fetch(`${url}/wx/session`, { headers: { sessionid: header.sessionid } })
  /** @type {any} */
  const said = await answer.json()
  equal([answer.status, said.code], [403, 'proof_missing'])
  ok(!JSON.stringify(phone.requests).includes(phone.wx.getStorageSync('wxsession').key), 'the key is in no request')
})

test('a program that does not sign works with a server that offers it, and is told to update by one that demands it', async () => {
  for (const [proof, expected] of [
    ['offered', ['', [200, 204]]],
    ['required', ['exchange_rejected: proof_required', []]],
  ]) {
    const ignore = [{ type: 'file', value: `${PACKAGE}/signed.js` }]
    const files = await compiled(`unsigned-${proof}`, await startServer(proof), '', ignore)
    equal(files.has(`${PACKAGE}/signed.js`), false)
    const { page } = await shown(`unsigned-${proof}`, files)
    equal([page.problem, page.said], expected)
  }
})
