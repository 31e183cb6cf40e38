/*
 * login: a code from the platform, by callbacks alone. Its `timeout` is unreliable on phones and ignored here. A user who
 * is not signed in to the app itself, which happens in Douyin, is asked to sign in and closes that window; with
 * `force: false` nobody is asked, and there is no code.
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
      // The program gets the error that a phone would give; the person who runs the test gets the cause.
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
