/*
 * Watches the calls of the program into wxsession and of wxsession into wx, from outside. It changes nothing but the
 * callbacks, which it wraps.
 */
'use strict'

const SIGN_IN = '/wx/onlogin'
const CALL_HEADER = 'x-request-id'

/** @param {(message: object) => void} tell */
function createProbe(tell) {
  const now = () => performance.timeOrigin + performance.now()
  /** Steps in progress, by number. */
  const open = new Map()
  /** The step of wxsession that holds each call. */
  const holds = new Map()
  let last = 0
  let signingIn

  function begin(lane, what, call) {
    const step = { id: ++last, lane, what, call, at: now() }
    open.set(step.id, step)
    tell({ step })
    return (outcome, said) => {
      if (!open.delete(step.id)) return
      tell({ step: Object.assign({}, step, { end: { took: now() - step.at, outcome, said } }) })
    }
  }

  /** From the program's call until the call of wx, wxsession has the call. */
  function hold(call, what) {
    if (call && !holds.has(call)) holds.set(call, begin('wxsession', what, call))
  }

  function letGo(call, outcome, said) {
    const end = holds.get(call)
    if (end) end(outcome, said)
    holds.delete(call)
  }

  /** Watches a method that takes options with callbacks. */
  function watched(owner, name, lane, heard) {
    const method = owner[name]
    return (given) => {
      const options = Object.assign({}, given)
      const call = options.header && options.header[CALL_HEADER]
      const end = begin(lane, shown(name, options), call)
      heard.began(call)
      const hear = (kind, judge) => {
        const own = options[kind]
        options[kind] = (value) => {
          const [outcome, said] = judge(value)
          heard.ended(call, value)
          end(outcome, said)
          if (typeof own === 'function') own(value)
        }
      }
      hear('success', judged)
      hear('fail', failed)
      return method.call(owner, options)
    }
  }

  return {
    /** @param {any} wx The program's. */
    watchWx(wx) {
      const heard = {
        began: (call) => letGo(call, 'ok', 'sent'),
        ended(call, { statusCode }) {
          if (statusCode === 401) hold(call, 'refused')
        },
      }
      for (const name of ['request', 'uploadFile']) wx[name] = watched(wx, name, 'wx', heard)
      wx.login = watched(wx, 'login', 'wx', { began() {}, ended() {} })
    },

    /** @param {any} session The program's. */
    watchSession(session) {
      const heard = {
        began: (call) => hold(call, 'held'),
        ended(call, { code }) {
          if (code) letGo(call, code === 'aborted' ? code : 'failed', code)
          else letGo(call, 'ok', 'given back')
        },
      }
      for (const name of ['request', 'uploadFile']) session[name] = watched(session, name, 'page', heard)
      for (const name of ['login', 'logout']) {
        const method = session[name].bind(session)
        session[name] = async (options) => {
          const end = begin('page', `session.${name}`)
          try {
            await method(options)
            end('ok', 'done')
          } catch (error) {
            end('failed', error.code)
            throw error
          }
        }
      }
      session.onChange((state) => this.state(state))
      this.state(session.state)
    },

    state(state) {
      tell({ state, at: now() })
      if (state === 'signing-in') signingIn = signingIn || begin('wxsession', 'signing in')
      else if (signingIn) {
        signingIn(state === 'signed-in' ? 'ok' : 'failed', state)
        signingIn = undefined
      }
    },

    /** Ends all steps, because the program has ended. */
    ended() {
      for (const step of open.values()) {
        tell({
          step: Object.assign({}, step, { end: { took: now() - step.at, outcome: 'aborted', said: 'program ended' } }),
        })
      }
      open.clear()
      holds.clear()
      signingIn = undefined
    },
  }
}

function shown(name, { url, method }) {
  if (name === 'login') return 'wx.login'
  const path = String(url)
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/^\/worlds\/[^/]*(\/hooked)?/, '')
    .replace(/\?.*/, '')
  return path === SIGN_IN ? 'exchange' : `${name} ${method || (name === 'uploadFile' ? 'POST' : 'GET')} ${path}`
}

function judged({ statusCode, code }) {
  // wx.login has a code and no status. The code is secret.
  if (statusCode === undefined) return code ? ['ok', 'code'] : ['failed', 'no code']
  return [statusCode < 400 ? 'ok' : statusCode < 500 ? 'refused' : 'failed', String(statusCode)]
}

function failed(error) {
  const { code, errMsg } = Object(error)
  const said =
    code ||
    String(errMsg)
      .replace(/^.*?:fail /, '')
      .replace(/^.*error_msg:/, '')
  return [said === 'aborted' || said === 'abort' ? 'aborted' : 'failed', said]
}

module.exports = { createProbe }
