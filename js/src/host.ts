import type { Core, Host } from 'wxsession-glue'
import type { SessionErrorCause } from '../index'
import { body, header, number, problem, text } from './answer'
import { redact } from './error'
import type { Settings } from './options'

// wx's number for a request that it cut off because the app was in the background. When the network changes the
// number is that of every failure of the network, and only the text tells.
const INTERRUPTED = 600003
const TIMEOUT = 5

/** What the core needs of the mini program, over `wx`. Nothing here throws. */
export class WxHost implements Host {
  core: Core | undefined
  /** What wx or the server said last in the sign-in under way, or in the one before. */
  cause: SessionErrorCause | undefined
  private timer: any
  /** What goes along with the code of this step. */
  private data: unknown
  private preparing = 0

  constructor(
    private readonly settings: Settings,
    readonly settle: (ticket: number, outcome: number, retryAfter: number) => void,
    readonly changed: (phase: number) => void,
    readonly ending: (end: Promise<void>) => void,
  ) {}

  now(): number {
    return Date.now()
  }

  /** What storage kept, field by field in the order of the core's constructor. */
  load(): [number, string | undefined, string | undefined, number, number] {
    try {
      const { version, loginUrl, id, received, lifetime } = Object(wx.getStorageSync(this.settings.storageKey))
      return [number(version), text(loginUrl), text(id), number(received), number(lifetime)]
    } catch (error) {
      return [NaN, undefined, undefined, NaN, NaN]
    }
  }

  save(stored: unknown): void {
    try {
      wx.setStorageSync(this.settings.storageKey, stored)
    } catch (error) {
      // The session lives on in memory; only the next start signs in again.
    }
  }

  forget(): void {
    try {
      wx.removeStorageSync(this.settings.storageKey)
    } catch (error) {
      this.save('')
    }
  }

  code(step: number): void {
    this.cause = undefined
    attempt(
      (callbacks) => wx.login(callbacks),
      (answer) => this.tell(answer, [], (core) => core.coded(step, text(Object(answer).code))),
      (given) => this.tell(given, [], (core) => core.coded(step, undefined)),
    )
  }

  prepare(step: number, code: string): void {
    const { loginData } = this.settings
    this.preparing = step
    this.data = loginData
    if (typeof loginData !== 'function') {
      ;(this.core as Core).prepared(step, true)
      return
    }
    new Promise((resolve) => resolve(loginData(code))).then((data) => {
      if (data !== undefined && (data === null || typeof data !== 'object')) {
        throw TypeError('loginData: must give an object')
      }
      if (step === this.preparing) {
        this.data = data
      }
      this.tell(undefined, [], (core) => core.prepared(step, true))
    }).catch((given) => this.tell(given, [code], (core) => core.prepared(step, false)))
  }

  post(step: number, message: { code: string }, presented?: string): void {
    const { loginUrl, loginMethod, sessionHeader, exchangeTimeout } = this.settings
    const data = Object.assign({}, this.data, message)
    const secrets = [message.code, presented]
    attempt(
      (callbacks) => wx.request(Object.assign(callbacks, {
        url: loginUrl,
        method: loginMethod,
        data,
        header: presented ? { [sessionHeader]: presented } : {},
        timeout: exchangeTimeout,
      })),
      (answer) => this.tell(answer, secrets, (core) => {
        const { sessionid, expires_in } = body(answer)
        const retryAfter = parseFloat(header(answer, 'retry-after'))
        const status = number(Object(answer).statusCode)
        core.answered(step, status, text(sessionid), number(expires_in), problem(answer), retryAfter)
      }),
      (given) => this.tell(given, secrets, (core, cause) => {
        if (cause.errno === TIMEOUT) {
          // wx's clock was quicker than ours.
          core.elapsed(step)
        } else {
          const isCutOff = cause.errno === INTERRUPTED || /interrupted|NETWORK_CHANGED/.test(cause.errMsg || '')
          core.unreachable(step, isCutOff)
        }
      }),
    )
  }

  sleep(step: number, milliseconds: number): void {
    this.rest()
    this.timer = setTimeout(() => this.tell(undefined, [], (core) => core.elapsed(step)), milliseconds)
  }

  /** Stops the timer of a sign-in that is over. */
  rest(): void {
    clearTimeout(this.timer)
  }

  end(id: string): void {
    const { logoutUrl, sessionHeader, exchangeTimeout } = this.settings
    this.ending(new Promise((resolve) => {
      const done = () => resolve()
      setTimeout(done, exchangeTimeout)
      attempt((callbacks) => wx.request(Object.assign(callbacks, {
        url: logoutUrl,
        method: 'POST' as const,
        header: { [sessionHeader]: id },
        timeout: exchangeTimeout,
      })), done, done)
    }))
  }

  private tell(
    given: unknown,
    secrets: (string | undefined)[],
    event: (core: Core, cause: SessionErrorCause) => void,
  ): void {
    this.cause = given === undefined ? undefined : redact(given, secrets)
    event(this.core as Core, this.cause || {})
  }
}

/** Calls wx; what it throws is a failure like any other. A callback that comes twice is for the core to know. */
function attempt(
  call: (callbacks: any) => void,
  success: (value: any) => void,
  fail: (given: unknown) => void,
): void {
  try {
    call({ success, fail })
  } catch (error) {
    fail(error)
  }
}
