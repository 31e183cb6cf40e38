import type { SessionErrorCause, SessionErrorCode } from '../index'
import { header, problem, statusOf, text } from './answer'
import { copyOf, isObject } from './body'
import { ENDING_VERSION, Phase, Reply } from './codes'
import type { Core, Host } from './core'
import { type Secrets, redact } from './error'
import { issued } from './issued'
import type { Settings } from './options'
import { carry } from './carry'
import { run, tell } from './run'
import { said, secretsIn } from './said'
import { type Kept, type Stored, isId, restored } from './stored'

/** wx's numbers. A change of network has the number of any network failure; only the text tells them apart. */
const enum Errno {
  Timeout = 5,
  /** wx cut a request off because the app was in the background. On Douyin only the text says so. */
  Interrupted = 600003,
}

type Cause = { -readonly [Name in keyof SessionErrorCause]: SessionErrorCause[Name] }

/** Hears what the core has decided. */
export interface HostListener {
  decided(ticket: number, outcome: number, retryAfter: number): void
  changed(phase: number): void
}

/** Provides what the core needs from the mini program, over `wx`. Nothing here throws. */
export class WxHost implements Host {
  core!: Core
  /** One promise for each session that is being ended at the server. */
  endings: Promise<void>[] = []
  /** The last answer of wx or the server in the current sign-in, or in the one before. */
  cause: Cause | undefined
  /** The same, leaving out attempts, whose failures are their callers' alone. */
  sharedCause: Cause | undefined
  /** The credentials of the attempts that are not settled yet, by their tickets. */
  readonly credentials: { [ticket: number]: (() => object) | undefined } = {}
  /** The problem that the last answer names. */
  named: string | undefined = ''
  /** The attempt that is signing in, or 0. */
  private attempt = 0
  /** The code that the last sign-in failed with. */
  code: SessionErrorCode | undefined
  /** What is wrong with the session in that answer, if the answer has one. */
  fault: string | undefined
  private timer: any
  /** The data and the headers that go along with the code. */
  private extras: object[] = []
  private preparing = 0
  /** Withdraws the posts of the sign-in in progress, by their steps. */
  private posts: { [step: number]: () => void } = {}

  constructor(
    private readonly settings: Settings,
    private readonly owner: HostListener,
  ) {}

  /** What storage keeps. */
  restored(): Kept {
    const { host, loginUrl, storageKey } = this.settings
    try {
      return restored(host.getStorageSync(storageKey), loginUrl)
    } catch (error) {
      // Without storage, the program starts as if for the first time.
      return { ended: 0 }
    }
  }

  keep(session: Stored | undefined, ended: number): void {
    const { host, loginUrl, storageKey } = this.settings
    const kept = session || (ended && { version: ENDING_VERSION, loginUrl, ended })
    // A release that does not know the version of an ending starts as if storage were empty. If there is no room, at least what no longer stands must go. A session then lives on in memory.
    if (!kept || !this.store(kept)) {
      try {
        host.removeStorageSync(storageKey)
      } catch (error) {
        this.store('')
      }
    }
  }

  private store(value: unknown): unknown {
    const { host, storageKey } = this.settings
    try {
      host.setStorageSync(storageKey, value)
      return true
    } catch (error) {
      return undefined
    }
  }

  askCode(step: number, attempt: number): void {
    this.attempt = attempt
    this.code = attempt ? this.code : undefined
    this.posts = {}
    callWx(
      (callbacks) => this.settings.host.login(callbacks),
      (answer) => {
        const code = text(Object(answer).code)
        this.tell(code ? undefined : answer, [], (core) => core.coded(step, code))
      },
      (given) => this.tell(given, [], (core) => core.coded(step, '')),
    )
  }

  prepare(step: number, code: string): void {
    const { loginData, loginHeader } = this.settings
    this.preparing = step
    Promise.all([given(loginData, code, 'loginData'), given(loginHeader, code, 'loginHeader')])
      .then((extras) => {
        if (step === this.preparing) {
          this.extras = extras
        }
        this.tell(undefined, [], (core) => core.prepared(step, true))
      })
      .catch((error) => this.tell(error, [code], (core) => core.prepared(step, false)))
  }

  post(step: number, code: string, presented?: string): void {
    const { loginUrl, loginMethod, exchangeTimeout } = this.settings
    const credentials = this.credentials[this.attempt]
    const fields: any = credentials ? credentials() : {}
    const secrets: Secrets = [code, presented].concat(secretsIn(fields))
    const [data, more] = this.extras
    let isWithdrawn = false
    const task = this.ask(
      {
        url: loginUrl,
        // A URL is no place for credentials.
        method: credentials ? 'POST' : loginMethod,
        data: copyOf(data, fields, { code }),
        header: copyOf(more),
        timeout: exchangeTimeout,
      },
      presented,
      (answer) => {
        const { id, lifetime, name, fault, thrown } = issued(answer, this.settings)
        const status = statusOf(answer)
        const isSuccess = status < 300
        if (isSuccess && isId(id)) {
          this.tell(undefined, [], (core) => core.answered(step, status, id, lifetime, '', 0))
          return
        }
        this.tell(answer, secrets, (core, cause) => {
          secrets.push(id)
          cause.problem = said(answer, isSuccess && !name, secrets)
          this.fault = fault
          if (thrown && isSuccess) {
            cause.errMsg = redact(thrown, secrets).errMsg
          }
          const headers = Object(answer).header
          const after = header(headers, 'retry-after')
          // A date is in terms of the server's clock.
          const retryAfter = parseFloat(after) * 1000 || Date.parse(after) - Date.parse(header(headers, 'date'))
          this.named = name || problem(answer)
          // A server that echoes what it was sent names the login code, and programs show names.
          if (this.named === code) {
            this.named = name
          }
          core.answered(step, status, id, lifetime, this.named as string, retryAfter)
        })
      },
      (given) =>
        isWithdrawn ||
        this.tell(given, secrets, (core, { errno, errMsg = '' }) => {
          const isCutOff = errno === Errno.Interrupted || /interrupted|in background|NETWORK_CHANGED/.test(errMsg)
          const unreached = isCutOff ? Reply.Interrupted : Reply.Unreachable
          core.unanswered(step, errno === Errno.Timeout ? Reply.TimedOut : unreached)
        }),
    )
    this.posts[step] = () => {
      isWithdrawn = true
      tell(task, 'abort')
    }
  }

  withdraw(step: number): void {
    run(this.posts[step], undefined)
  }

  sleep(step: number, milliseconds: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.tell(undefined, [], (core) => core.elapsed(step)), milliseconds)
  }

  settle(ticket: number, outcome: number, retryAfter: number): void {
    this.owner.decided(ticket, outcome, retryAfter)
  }

  changed(phase: number): void {
    if (phase !== Phase.SigningIn) {
      clearTimeout(this.timer)
    }
    this.owner.changed(phase)
  }

  end(id: string): void {
    const { logoutUrl, loginHeader, exchangeTimeout } = this.settings
    this.endings.push(
      new Promise((resolve) => {
        const done = () => resolve()
        setTimeout(done, exchangeTimeout)
        // A server may know by the headers of a sign-in where the session is, such as with which tenant. There is no code.
        given(loginHeader, '', '')
          .catch(() => undefined)
          .then((header) =>
            // Servers that take JSON refuse an empty body of that content type, which is wx's default.
            this.ask({ url: logoutUrl, method: 'POST', data: {}, header, timeout: exchangeTimeout }, id, done, done),
          )
      }),
    )
  }

  /** Calls the app's server, presenting a session if there is one. */
  private ask(
    call: WechatMiniprogram.RequestOption,
    session: string | undefined,
    success: (answer: any) => void,
    fail: (given: unknown) => void,
  ): unknown {
    if (session) {
      carry(call, 'request', session, this.settings)
    }
    return callWx((callbacks) => this.settings.host.request(Object.assign(call, callbacks)), success, fail)
  }

  private tell(given: unknown, secrets: Secrets, event: (core: Core, cause: Cause) => void): void {
    const cause = given === undefined ? undefined : redact(given, secrets)
    this.cause = cause
    if (!this.attempt) {
      this.sharedCause = cause
    }
    event(this.core, cause || {})
  }
}

/** What an option gives for a code, which a function of the app may tell. It is copied here, where reading may throw. */
async function given(option: any, code: string, name: string): Promise<object> {
  const value = typeof option === 'function' ? await option(code) : option
  if (value !== undefined && !isObject(value)) {
    throw TypeError(name + ': must give an object')
  }
  return copyOf(value)
}

/**
 * Calls wx, and returns what wx does. An exception, from wx or from reading its answer, is a failure like any other. The core
 * recognises a callback that comes twice.
 */
function callWx(
  call: (callbacks: any) => unknown,
  success: (value: any) => void,
  fail: (given: unknown) => void,
): unknown {
  const guarded = (run: (value: any) => unknown) => (value: any) => {
    try {
      return run(value)
    } catch (error) {
      return fail(error)
    }
  }
  return guarded(call)({ success: guarded(success), fail })
}
