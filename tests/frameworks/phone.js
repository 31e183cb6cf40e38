/* A simulated phone that runs a built program, and what the phone shows. */
'use strict'

const { loginAt, startPhone } = require('../../simulator/phone')
const { texts } = require('./screen')

/** In milliseconds. A quiet machine takes a few hundred. */
const PATIENCE = 60000
const GLANCE = 20

/**
 * Starts the program for a new user.
 *
 * @param {import('./apps').App} app
 * @param {string} root The folder of the built program.
 * @param {{wechat: string}} world The simulated WeChat's URL.
 */
function open(app, root, { wechat }) {
  const phone = startPhone({
    root,
    newCode: loginAt(wechat, { user: app.name }),
    // The base library has this, and uni-app's programs use it.
    globals: { global: {} },
  })
  // uni-app's programs ask for this when they start. The values do not matter.
  phone.wx.getSystemInfoSync = () => ({ platform: 'android', language: 'zh_CN', pixelRatio: 2, windowWidth: 375 })
  const modulesAskedFor = []
  phone.hooks.instantiate = ({ path }) => {
    modulesAskedFor.push(path)
  }
  let page = phone.launch()

  /** Waits until a condition on the shown texts holds. */
  async function until(what, condition) {
    const end = Date.now() + PATIENCE
    while (!condition(texts(page.data))) {
      if (Date.now() > end) throw new Error(`${what} for ${PATIENCE} ms; ${account()}`)
      await new Promise((resolve) => setTimeout(resolve, GLANCE))
    }
  }

  function account() {
    const mishaps = phone.thrown.map(({ where, error }) => `${where} threw ${error}`)
    return JSON.stringify({
      shown: texts(page.data),
      mishaps,
      console: phone.console.map(({ values }) => values.join(' ')),
    })
  }

  return {
    /** The paths of the WebAssembly modules that the program instantiated, in order. */
    modulesAskedFor,
    requestsByPath: () => phone.counts.requestsByPath,
    /** The session that the last request carried. */
    sessionInUse: () => phone.requests[phone.requests.length - 1].header.sessionid,
    shows: (...wanted) => until(`not shown: ${wanted}`, (shown) => wanted.every((text) => shown.includes(text))),
    showsNo: (text) => until(`still shown: ${text}`, (shown) => !shown.includes(text)),
    /** Opens the same page again, on top of the first. */
    openAgain() {
      page = phone.open(page.route)
    },
    tap: (label) => app.tap({ page, root }, label),

    /** Ends the program, and fails if anything went wrong in it. */
    close() {
      phone.stop()
      if (phone.thrown.length > 0 || phone.console.some(({ level }) => level === 'error')) throw new Error(account())
    },
  }
}

module.exports = { open }
