/* A phone whose program uses a drop-in or the client that it replaces, before a server of the old kind. */
'use strict'

const http = require('http')
const path = require('path')
const { platform, startPhone } = require('../../simulator/phone')
const { program } = require('../package/arguments')
const { equal } = require('../package/assert')
const { leaked } = require('../package/leaks')
const { afterwards } = require('../package/runner')
const { createWechat } = require('./servers/wechat')

const ROOT = program.replace(/\/$/, '')

let users = 0

/**
 * @param {(wechat: ReturnType<typeof createWechat>) => import('./servers/wafer').Service} serve
 * @param {object} [options]
 * @param {string} [options.old] The package of the old client, to run in place of the drop-in.
 * @param {{[name: string]: unknown}} [options.phone]
 */
async function start(serve, options) {
  const { old, phone: phoneOptions } = Object.assign({ old: '', phone: {} }, options)
  const wechat = createWechat(`openid${++users}`)
  const service = serve(wechat)
  if (service.beside) service.beside.listening(await listen(service.beside.server))
  const server = http.createServer(/** @type {any} */ (service.app))
  const url = await listen(server)
  const folder = old && path.dirname(require.resolve(old))
  const vendored = `${ROOT}/vendor`
  const phone = startPhone({
    root: ROOT,
    newCode: wechat.newCode,
    platform: Object.assign({}, platform, {
      readText: (name) =>
        platform.readText(folder && name.startsWith(vendored) ? folder + name.slice(vendored.length) : name),
    }),
    ...phoneOptions,
  })
  const counts = { userInfo: 0, failing: false }
  give(phone)
  afterwards(() => {
    phone.stop()
    equal(
      phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
      [],
    )
  })

  /** What old clients call besides. */
  function give(to) {
    Object.assign(to.wx, {
      getUserInfo: ({ success, fail }) =>
        setTimeout(() => {
          counts.userInfo++
          if (counts.failing) fail({ errMsg: 'getUserInfo:fail' })
          else success(wechat.userInfo())
        }, 1),
      checkSession: ({ success }) => success(),
      onSocketOpen() {},
      onSocketMessage() {},
      onSocketError() {},
      onSocketClose() {},
    })
    return to
  }

  return {
    phone,
    url,
    wechat,
    service,
    counts,
    /** The requests to a path. */
    at: (name) => phone.requests.filter(({ path }) => path === name),
    /** The program's client. */
    client: (name) => phone.require(old ? './vendor/index' : `wxsession/${name}`),
    /** The client after a restart of the program. */
    restarted(name) {
      const next = give(phone.restart())
      afterwards(() => next.stop())
      return { phone: next, client: next.require(`wxsession/${name}`) }
    },
  }
}

function listen(server) {
  afterwards(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`))
  })
}

/**
 * Makes a call, and gives the names of the callbacks that were called, in order, and the value that they had. `login` has
 * no `complete`, so that its first callback is its last.
 */
function outcome(method, options) {
  const last = 'url' in Object(options) ? 'complete' : ''
  return new Promise((resolve) => {
    const called = []
    const hear = (name) => (value) => {
      called.push(name)
      if (!last || name === last) resolve({ called, value })
    }
    method({ ...options, success: hear('success'), fail: hear('fail'), complete: hear('complete') })
  })
}

module.exports = { leaked, outcome, start }
