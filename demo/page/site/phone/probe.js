/*
 * Watches the calls of the program into wxsession, or into another library, and from there into wx, from outside. It wraps
 * the callbacks, and gives a call that is named in its query alone the header with that name.
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
      const options = named(given)
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
            end('ok', '')
          } catch (error) {
            end('failed', error.code)
            throw error
          }
        }
      }
      session.onChange((state) => this.state(state))
      this.state(session.state)
    },

    /**
     * Watches another library's way to send. What happens between its call and the call of wx is the library's, as it is
     * wxsession's on our phone.
     *
     * @param {(url: string, done: Function, failed: Function) => void} request
     */
    watchedRequest(request) {
      return (url, done, failed) => {
        const { header } = named({ url })
        const call = header[CALL_HEADER]
        const end = begin('page', shown('request', { url }), call)
        hold(call, 'held')
        const hear = (judge, own) => (value) => {
          const [outcome, said] = judge(value)
          letGo(call, outcome === 'failed' ? outcome : 'ok', 'given back')
          end(outcome, said)
          own(value)
        }
        request(url, hear(judged, done), hear(failedOrRefused, failed))
      }
    },

    state(state) {
      tell({ state, at: now() })
      if (state === 'signing-in') signingIn = signingIn || begin('wxsession', 'signing in')
      else if (signingIn) {
        signingIn(state === 'signed-in' ? 'ok' : 'failed', state)
        signingIn = undefined
      }
    },

    /** Whether a call of wx is on its way. */
    isWaiting: () => Array.from(open.values()).some(({ lane }) => lane === 'wx'),

    /** Ends all steps, because the program has ended, or because nothing more will come. */
    ended(outcome = 'aborted', said = 'program ended') {
      for (const step of open.values()) {
        tell({ step: Object.assign({}, step, { end: { took: now() - step.at, outcome, said } }) })
      }
      open.clear()
      holds.clear()
      signingIn = undefined
    },
  }
}

/** The options, with the call's name as a header if only the query has it. */
function named(given) {
  const [, inQuery] = /[?&]call=(\w+)/.exec(String(Object(given).url)) || []
  const options = Object.assign({}, given)
  if (inQuery) options.header = Object.assign({}, options.header, { [CALL_HEADER]: `call ${inQuery}` })
  return options
}

/** @param {string} name @param {{url?: string, method?: string}} options */
function shown(name, { url, method }) {
  if (name === 'login') return 'wx.login'
  const path = String(url)
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/^\/worlds\/[^/]*(\/hooked|\/rival)?/, '')
    .replace(/\?.*/, '')
  return path === SIGN_IN ? 'exchange' : `${name} ${method || (name === 'uploadFile' ? 'POST' : 'GET')} ${path}`
}

function judged({ statusCode, code }) {
  // wx.login has a code and no status. The code is secret.
  if (statusCode === undefined) return code ? ['ok', 'code'] : ['failed', 'no code']
  return [statusCode < 400 ? 'ok' : statusCode < 500 ? 'refused' : 'failed', String(statusCode)]
}

/** Some libraries reject with the answer itself. */
function failedOrRefused(reason) {
  return Object(reason).statusCode === undefined ? failed(reason) : judged(reason)
}

function failed(error) {
  const { code, errMsg, message } = Object(error)
  const said =
    code ||
    String(errMsg || message)
      .replace(/^.*?:fail /, '')
      .replace(/^.*error_msg:/, '')
  return [said === 'aborted' || said === 'abort' ? 'aborted' : 'failed', said]
}

module.exports = { createProbe }
