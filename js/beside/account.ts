import type { Account, AccountOptions, DeviceAsk, DeviceStep } from '../account'
import { type Session, SessionError, type SessionErrorCode } from './index.js'

/** Milliseconds for `wx.login`, as usual in a session. */
const PATIENCE = 5000

/** The fields of a problem that name something: a password that is the same word is not told by them. */
const NAMES = /^(code|reason|kind)$/
const SECRET = /token|session|secret/i

/** Seconds between two questions where the third party names no other time (RFC 8628, 3.2). */
const USUAL_INTERVAL = 5

/** Failures of the phone or of a server, after which a question may be asked again. */
const PASSING = /^(network|interrupted|(login|exchange)_timeout|login_failed|server_|rate_|accounts_)/

/** The account of whoever is signed in to a session. */
export function createAccount(session: Session, options?: AccountOptions): Account {
  const { base = '/wx', host } = Object(options) as AccountOptions
  if (typeof Object(session).request !== 'function') {
    throw failure('invalid_option', 'session: must be what createSession returned')
  }

  /** Makes a call, and resolves to the body of its answer. */
  const call = (method: any, path: string, data?: any, auth?: 'optional'): Promise<any> =>
    new Promise((resolve, reject) => {
      session.request({
        url: base + path,
        method,
        data,
        auth,
        success(answer: any) {
          const { statusCode } = answer
          const isDone = statusCode >= 200 && statusCode < 300
          if (isDone && (statusCode === 204 || method === 'DELETE' || Object(answer.data) === answer.data)) {
            resolve(answer.data || undefined)
          } else {
            reject(isDone ? failure('bad_answer', 'the answer is no JSON: check base') : refused(answer, data))
          }
        },
        fail: reject,
      })
    })

  const withCode = (fields: object): Promise<object> =>
    loginCode(host || wx).then((code) => Object.assign({}, fields, { code }))

  /** A call about one thing, whose answer has no body. */
  const drop = (path: string, id: unknown): Promise<void> =>
    typeof id === 'string' && id
      ? call('DELETE', path + encodeURIComponent(id)).then(() => {})
      : Promise.reject(failure('invalid_option', 'id: must be a string that is not empty'))

  return {
    get: () => call('GET', '/account'),
    // The server counts what a WeChat user asks for. Without a session, only a login code names them.
    challenge: (wanted) =>
      (session.state === 'signed-in' ? Promise.resolve(wanted) : withCode(wanted)).then((data) =>
        call('POST', '/challenges', data, 'optional'),
      ),
    link: (credentials) => withCode(credentials).then((data) => call('POST', '/account/identities', data)),
    byDevice,
    unlink: (id) => drop('/account/identities/', id),
    setPassword: (password) => call('PUT', '/account/password', { password }),
    sessions: () => call('GET', '/sessions'),
    endSession: (id) => drop('/sessions/', id),
    // Otherwise the next call would find its session revoked, as if somebody else had ended it.
    remove: () => call('DELETE', '/account').then(() => session.logout()),
  }
}

/** Repeats a question until the third party has its user's answer. */
async function byDevice<Result>(
  attempt: (step: DeviceStep) => Promise<Result>,
  show: (ask: DeviceAsk) => unknown,
): Promise<Result> {
  let asked: { ask: DeviceAsk; state: string; over: number } | undefined
  for (;;) {
    let pause: number
    try {
      return await attempt(asked ? { state: asked.state } : {})
    } catch (error) {
      const { code, problem, retryAfter, cause } = Object(error)
      const { ask, state } = Object(problem)
      if (code === 'more_needed' && Object(ask).kind === 'device') {
        asked = { ask, state, over: asked ? asked.over : Date.now() + ask.expires_in * 1000 }
      } else if (!asked || !isPassing(code, cause) || Date.now() > asked.over) {
        throw error
      }
      pause = Math.max((asked.ask.interval || USUAL_INTERVAL) * 1000, retryAfter || 0)
    }
    // Before the pause to show the code, after it because the page may be gone.
    if (show(asked.ask) !== false) {
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
    if (show(asked.ask) === false) {
      throw failure('aborted')
    }
  }
}

/** wx itself fails a call that the program's absence interrupts; such a failure has no status. */
const isPassing = (code: unknown, cause: unknown): boolean =>
  PASSING.test(code as string) || (code === 'request_failed' && !(Object(cause).statusCode < 500))

/** A fresh code of the WeChat user who holds the phone. */
const loginCode = (host: any): Promise<string> =>
  new Promise((resolve, reject) => {
    const fail = (given?: any) => reject(failure('login_failed', '', { cause: { errMsg: Object(given).errMsg } }))
    setTimeout(() => reject(failure('login_timeout')), PATIENCE)
    host.login({ success: ({ code }: any) => (code ? resolve(code) : fail()), fail })
  })

/** A failure that tells what the server said, without what it was sent. */
function refused({ statusCode, header, data }: any, sent: any): SessionError {
  const headers: { [name: string]: unknown } = {}
  for (const name of Object.keys(Object(header))) {
    headers[name.toLowerCase()] = header[name]
  }
  // What the server asks to have repeated, such as `state`, is no secret.
  const secrets = Object.keys(Object(sent))
    .filter((name) => !/^(method|purpose|state|issuer)$/.test(name))
    .map((name) => sent[name])
    .filter((value) => value && typeof value === 'string')
  const problem = JSON.parse(
    JSON.stringify(Object(data), (name, value) =>
      typeof value !== 'string' || NAMES.test(name)
        ? value
        : SECRET.test(name)
          ? '***'
          : secrets.reduce((text, secret) => text.split(secret).join('***'), value),
    ),
  )
  // A proxy may drop the body of a 401, but not its challenge.
  const challenge = /WxSession\s+error="?(\w+)/.exec(headers['www-authenticate'] as string) || []
  const code = [problem.code, challenge[1], 'request_failed'].find((name) => typeof name === 'string')
  const { detail, title } = problem
  return failure('request_failed', detail || title || `answered ${statusCode}`, {
    code,
    problem,
    cause: { statusCode, problem },
    retryAfter: Number(headers['retry-after']) * 1000 || undefined,
  })
}

/** An error of the session's class, so that programs need to know one alone. */
function failure(code: SessionErrorCode, message?: string, more?: object): SessionError {
  return Object.assign(new SessionError(code), message && { message }, more)
}
