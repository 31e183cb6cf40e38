/*
 * The phone, the server and the counts. No counter knows the package: the phone counts calls of wx, WeChat counts the
 * codes that it issues and exchanges, and the app counts the answers that it can show.
 */
'use strict'

const { loginAt, startPhone } = require('../simulator/phone')

const EXCHANGE = '/wx/onlogin'

/**
 * @typedef {object} Counts Since the beginning, across all starts of the mini program.
 * @property {number} logins Calls of wx.login.
 * @property {number} codes Codes that WeChat issued.
 * @property {number} exchanges Requests that sent a code to the server.
 * @property {number} exchangesAtWeChat Codes that the server exchanged with WeChat.
 * @property {number} requests All other calls of wx.request.
 * @property {number} refusals How many of them were answered with 401.
 * @property {number} answers Shelves that the app filled with products.
 */

/** @param {{api: string, wechat: string, idleTimeout: number, program: string}} settings */
function createStage({ api, wechat, idleTimeout, program }) {
  const phones = []
  let answers = 0

  function phone() {
    return phones[phones.length - 1]
  }

  /** Starts the mini program, with the storage of earlier starts. */
  function start() {
    const newCode = loginAt(wechat, { user: 'demo' })
    phones.push(phones.length > 0 ? phone().restart() : startPhone({ root: program, newCode }))
    phone().require('./app')
  }

  /** Lets the app open its shop, one request a shelf, all at once. Resolves when each has its answer. */
  function openShop(shelves) {
    return phone()
      .require('./shop')
      .open(shelves, (shelf, res) => {
        if (res.statusCode === 200 && Array.isArray(res.data)) answers++
      })
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
      refusals: others.filter((request) => request.statusCode === 401).length,
      answers,
    }
  }

  /** The session that the phone's last request carried. */
  function sessionInUse() {
    return phone().requests[phone().requests.length - 1].header.sessionid
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
    const { thrown, console } = phone()
    const complaints = console.filter(({ level }) => level === 'error').map(({ values }) => values.join(' '))
    return thrown
      .map(({ where, error }) => `${where} threw ${error}`)
      .concat(complaints)
      .map((text) => ({ isRight: false, text }))
  }

  return { idleTimeout, phone, start, openShop, count, sessionInUse, askBare, mishaps }
}

async function getJson(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json()
}

module.exports = { EXCHANGE, createStage }
