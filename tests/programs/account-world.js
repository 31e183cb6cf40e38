/* wxsession-server with accounts of its own, what stands around it, and phones that run the example. */
'use strict'

const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')
const { loginAt } = require('../../simulator/phone')
const { freePort, start: startProcess } = require('../own-users/processes')
const { afterwards } = require('../package/runner')
const { before } = require('./compiled')
const {
  arguments: { provider, server, wechat },
} = require('./folders')
const { start } = require('./running')

const APP = { appid: 'wx5e55105e55105e55', secret: '51a51a51a51a51a51a51a51a51a51a51' }
const LISTENING = /listening on (http:\/\/\S+)/

let worlds = 0

/** Starts the server, with a third party and a service that delivers codes. */
async function startWorld() {
  const number = ++worlds
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'account-pages-'))
  afterwards(async () => fs.rmSync(folder, { recursive: true, force: true }))
  const codes = await deliveries()
  const school = await url(startProcess([provider, '--listen', '127.0.0.1:0'], {}))
  const listen = `127.0.0.1:${await freePort()}`
  const command = [server, '--appid', APP.appid, '--wechat-api', wechat, '--listen', listen]
    .concat(['--store', 'redb', '--data', path.join(folder, 'data'), '--accounts', 'built-in'])
    .concat(['--deliver-hook', codes.url, '--provider', `school=${school},wxsession`])
  const serve = async (environment) => {
    const process = startProcess(command, Object.assign({ WXSESSION_SECRET: APP.secret }, environment))
    await url(process)
    return process
  }
  let running = await serve({})
  return {
    codes,
    /** Starts the server again, with a clock that is ahead, such as by `+11m`. */
    async later(ahead) {
      await running.stop()
      running = await serve({ LD_PRELOAD: libfaketime(), FAKETIME: ahead, FAKETIME_DONT_FAKE_MONOTONIC: '1' })
    },
    url: `http://${listen}`,
    /** What wx.login of this WeChat user gives. */
    newCode: (name) => loginAt(wechat, { user: `${name} ${number}` }),
    /** What the button open-type="getPhoneNumber" gives this WeChat user. */
    phoneCode: (name) => phoneCode(`${name} ${number}`),
    /** A phone of this WeChat user, with the example. */
    phone: async (name) => startExample(await before(`http://${listen}`), `${name} ${number}`),
    /** What the user does at the third party who enters this code. */
    decide: (userCode, decision) => post(`${school}/provider/decide`, { user_code: userCode, decision }),
  }
}

/** A phone that shows dialogs to a user who agrees to everything. */
function startExample(root, user) {
  const phone = start(root, { newCode: loginAt(wechat, { user }) })
  const asked = []
  const copied = []
  Object.assign(phone.wx, {
    showModal: async ({ content }) => {
      asked.push(content)
      return { confirm: true }
    },
    setClipboardData: ({ data }) => copied.push(data),
  })
  const { account } = phone.require('./account')
  return Object.assign(phone, {
    account,
    asked,
    copied,
    session: phone.require('./session'),
    phoneCode: () => phoneCode(user),
  })
}

/** What the button open-type="getPhoneNumber" gives this WeChat user. */
async function phoneCode(user) {
  return (await post(`${wechat}/simulator/phone-code`, { user })).code
}

/** The app's own service that sends codes: it keeps the last one for each receiver. */
async function deliveries() {
  const sent = new Map()
  const service = http.createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      const { to, code } = JSON.parse(body)
      sent.set(to, code)
      response.end('{}')
    })
  })
  afterwards(() => service.close())
  await new Promise((resolve) => service.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('net').AddressInfo} */ (service.address())
  return {
    url: `http://127.0.0.1:${port}/codes`,
    /** Waits until a code was sent. */
    async to(receiver) {
      while (!sent.has(receiver)) await new Promise((resolve) => setTimeout(resolve, 10))
      return sent.get(receiver)
    },
  }
}

async function url(process) {
  return process.until((output) => (LISTENING.exec(output) || [])[1])
}

async function post(address, body) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  return text && JSON.parse(text)
}

function libfaketime() {
  const folders = fs.readdirSync('/usr/lib').map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
  const found = folders.concat('/usr/lib/faketime/libfaketimeMT.so.1').find((file) => fs.existsSync(file))
  if (!found)
    throw new Error('libfaketime is not installed; type `cargo xtask setup`, or `sudo apt-get install faketime`')
  return found
}

module.exports = { startWorld }
