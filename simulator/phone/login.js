/*
 * login: a code from the platform. It has callbacks only; its `timeout` cannot be relied on, so it is ignored. A user
 * who is not signed in to the app itself, as may be in Douyin, is asked to, and closes that window; with `force: false`
 * nobody is asked, and there is no code.
 */
'use strict'

const { LOGIN_CANCELLED } = require('./failures')

/** @param {import('./wx').Parts} phone */
function createLogin({ app, newCode, hooks, record, delivery, failure }) {
  return function login(given) {
    const options = given || {}
    const twist = hooks.login({ number: ++record.counts.logins }) || {}
    let inCall = true

    const finish = (kind, result) => delivery.deliver('login', options, kind, result, { twist, inCall })
    /** @param {string} [code] */
    const issued = (code) => finish('success', app.host.signIn(code))
    const failed = (error) => {
      // The program learns what a phone's would; the cause is for whoever runs the test.
      record.thrown.push({ where: 'newCode', error })
      finish('fail', failure('login', { text: 'system error', errno: 600001 }))
    }
    const begin = () => {
      if ('fail' in twist) return finish('fail', twist.fail)
      if ('answer' in twist) return finish('success', twist.answer)
      if (!app.isSignedIn) return options.force === false ? issued() : finish('fail', failure('login', LOGIN_CANCELLED))
      /** @type {any} */
      let code
      try {
        code = newCode()
      } catch (error) {
        return failed(error)
      }
      if (code && typeof code.then === 'function') code.then(issued, failed)
      else issued(code)
    }

    delivery.start(twist, begin)
    inCall = false
  }
}

module.exports = { createLogin }
