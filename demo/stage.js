/*
 * The phones, the servers and the counts. No counter knows the package: the phone counts calls of wx, WeChat counts the
 * codes that it issues and exchanges, and the answers are counted as the app gets them.
 */
'use strict'

const { loginAt, platform, startPhone } = require('../simulator/phone')
const { createDevice } = require('./page/site/phone/device')
const { createUsers } = require('./users')

const EXCHANGE = '/wx/onlogin'

/**
 * @typedef {object} Counts Since the beginning, across all phones and all starts of the mini program.
 * @property {number} logins Calls of wx.login.
 * @property {number} codes Codes that WeChat issued.
 * @property {number} exchanges Requests that sent a code to the server.
 * @property {number} exchangesAtWeChat Codes that the server exchanged with WeChat.
 * @property {number} requests All other calls of wx.request.
 * @property {number} refusals How many requests were answered with a 4xx.
 * @property {number} answers Calls of the app that succeeded.
 */

/**
 * @param {object} settings
 * @param {string} settings.api A server without accounts.
 * @param {string} settings.accounts A server that keeps accounts itself.
 * @param {string} settings.hooked A server that asks the app's own user database.
 * @param {number} settings.hookPort Where that database is asked.
 * @param {string} settings.wechat
 * @param {number} settings.idleTimeout Milliseconds.
 * @param {string} settings.program
 */
function createStage({ api, accounts, hooked, hookPort, wechat, idleTimeout, program }) {
  const phones = []
  const users = createUsers(hookPort)
  let isAway = true
  let held
  let guests = 0
  let answers = 0

  const probe = {
    watchWx() {},
    watchSession(session) {
      const { request } = session
      session.request = (options) => {
        const success = (res) => {
          if (res.statusCode < 300) answers++
          if (options.success) options.success(res)
        }
        return request.call(session, Object.assign({}, options, { success }))
      }
    },
    ended() {},
  }

  /** A new phone with the mini program of this server. */
  function device(user, api) {
    const config = `module.exports = ${JSON.stringify({ api, phone: '', isSigned: false })}`
    const readText = (path) => (path === `${program}/config.js` ? config : platform.readText(path))
    const phone = startPhone({
      root: program,
      newCode: loginAt(wechat, { user }),
      platform: Object.assign({}, platform, { readText }),
    })
    return createDevice({ phone: recorded(phone), probe, tell() {} })
  }

  /** Keeps the record of a phone, and of the phone that follows it when the program starts again. */
  function recorded(phone) {
    phones.push(phone)
    return Object.assign({}, phone, { restart: (changes) => recorded(phone.restart(changes)) })
  }

  /** Starts the mini program, with the storage of earlier starts. */
  function start() {
    if (held) held.restart()
    else held = device('demo', api)
  }

  /** @returns {Promise<Counts>} */
  async function count() {
    /** @type {any} */
    const { logins, exchanges } = await getJson(`${wechat}/simulator/counts`)
    const requests = phones.flatMap((phone) => phone.requests)
    const others = requests.filter((request) => request.path !== EXCHANGE)
    return {
      logins: phones.reduce((sum, phone) => sum + phone.counts.logins, 0),
      codes: logins,
      exchanges: requests.length - others.length,
      exchangesAtWeChat: exchanges,
      requests: others.length,
      refusals: requests.filter(({ statusCode }) => statusCode >= 400 && statusCode < 500).length,
      answers,
    }
  }

  /** The session that the phone's last request carried. */
  function sessionInUse() {
    const { requests } = held.phone()
    return requests[requests.length - 1].header.sessionid
  }

  /** Asks the server about a session, without phone and package. */
  async function askBare(id) {
    const response = await fetch(`${api}/wx/session`, { headers: { sessionid: id } })
    /** @type {any} */
    const { code } = await response.json()
    return { status: response.status, code }
  }

  /** Unseen errors of the mini program, as failed checks. */
  function mishaps() {
    const thrown = phones.flatMap((phone) => phone.thrown)
    const written = phones.flatMap((phone) => phone.console).filter(({ level }) => level === 'error')
    return thrown
      .map(({ where, error }) => `${where} threw ${error}`)
      .concat(written.map(({ values }) => values.join(' ')))
      .map((text) => ({ isRight: false, text }))
  }

  return {
    idleTimeout,
    start,
    phone: () => held.phone(),
    openShop: (calls) => held.openShop(calls),
    count,
    sessionInUse,
    askBare,
    mishaps,

    // For the scenes about accounts, which the page plays as well.
    someone: (name) => `${name}.${++guests}`,
    hold: (user, api = accounts) => (held = device(user, api)),
    other: (user, api = accounts) => device(user, api),
    backend: {
      hooked,
      /** A server that runs as users run it has a clock that nobody stops. */
      async clockStands() {},
      async usersAreAway(away) {
        if (away === isAway) return
        isAway = away
        await (away ? users.stop() : users.start())
      },
    },
  }
}

async function getJson(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}

module.exports = { EXCHANGE, createStage }
