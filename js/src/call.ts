import { BODIES, carry } from './carry'
import { SessionError, redact } from './error'
import { HEADERS, NONE, NativeCall } from './native-call'
import type { Settings } from './options'
import { keep } from './body'
import { run, tell } from './run'

export type Listener = (value: any) => void
/** The methods of wx that carry a session. */
export type Kind = 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket'

/**
 * The event that the shim needs itself. The answer to an upload or a download has no headers of its own, and a chunked one
 * may have no status.
 */
const ALWAYS = {
  uploadFile: HEADERS,
  downloadFile: HEADERS,
  connectSocket: 'Close',
}

/** What a call needs from its session. */
export interface Owner {
  readonly settings: Settings
  /** The call ended before the core has decided about it. */
  drop(call: Call): void
  /** wx has answered a call without a session. */
  answeredBare(call: Call, answer: unknown, native: NativeCall): void
  /** wx has answered a call with a session. */
  answered(call: Call, answer: unknown, native: NativeCall): void
  /** A socket was closed by its server or by the network. */
  closed(socket: Call, close: { code?: unknown; reason?: unknown }): void
}

/**
 * One call of the app, made with one or two calls of wx. Without a JIT, which phones do not have, every field costs time at
 * each request, so the prototype has the values that most calls never change.
 */
export class Call {
  /** The ticket that the call waited with last, if it ever has. */
  declare ticket: number
  /** How often the call was sent with a session, and with which one the last time. */
  declare sends: number
  declare generation: number
  declare isDone: boolean
  /** Whether the call goes to an origin that gets no session. */
  declare isForeign: boolean
  /** The last call of wx. */
  declare protected native: NativeCall | undefined
  /** A copy of the app's options at the time of the call, because the app may reuse its objects. */
  readonly options: any
  declare private listeners: [event: string, listener: Listener][]
  /** Makes the body as it was at the call. */
  declare private body: (() => any) | undefined
  declare private awaited: Promise<any> | undefined
  declare private settle: (() => void) | undefined
  /** Whether the call failed, once it has an outcome. */
  declare private isFailure: boolean | undefined
  declare private reported: unknown

  constructor(
    readonly means: Kind,
    readonly url: string,
    given: any,
    protected readonly owner: Owner,
  ) {
    this.options = Object.assign({}, given)
    if (Object.getPrototypeOf(given) !== Object.prototype) {
      inherit(this.options, given)
    }
  }

  /** Keeps all that the app may change, because the call has to wait. */
  hold(): void {
    this.keep()
    for (const name of ['header', 'protocols']) {
      if (this.options[name]) {
        this.options[name] = keep(this.options[name])()
      }
    }
  }

  /** Keeps the body, because the call may have to be sent again. Headers are copied at each send. */
  keep(): void {
    const { options } = this
    // Most calls have none. Reading a property by a name in a variable is slow without a JIT.
    if (('data' in options || 'formData' in options) && !this.body) {
      this.body = keep(options[BODIES[this.means] as string])
    }
  }

  /** A copy of the options for wx, which may be changed. */
  private outgoing(): any {
    const sent = Object.assign({}, this.options)
    const field = this.body && BODIES[this.means]
    if (field) {
      sent[field] = this.body!()
    }
    // `report` calls it. (Setting `undefined` is cheaper than `delete`.)
    if ('complete' in sent) {
      sent.complete = undefined
    }
    if ('auth' in sent) {
      delete sent.auth
    }
    sent.url = this.url
    return sent
  }

  /** Hands the call to wx with the session, which is empty for a bare call. */
  dispatch(session: string): void {
    const sent = this.outgoing()
    this.keep()
    const native = (this.native = new NativeCall(session, this))
    const failed = (given: unknown) => {
      if (!native.isOver) {
        this.fail(this.failure(given))
      }
    }
    sent.success = (answer: any) => {
      if (!native.isOver) {
        this.arrived(answer, native)
      }
    }
    sent.fail = failed
    const { settings } = this.owner
    try {
      if (session) {
        carry(sent, this.means, session, settings)
      }
      // A resend adds its own session.
      this.options.header = sent.header
      const task = (settings.host as any)[this.means](sent)
      // wx may have called back already.
      if (native.isOver) {
        this.missed(task)
      } else {
        native.task = task
        if (sent.enableChunked) {
          native.hear(HEADERS)
        } else if (this.means !== 'request') {
          native.hear(ALWAYS[this.means])
        }
        if (this.listeners !== NONE) {
          this.listeners.forEach((entry) => native.hear(entry[0]))
        }
      }
    } catch (error) {
      failed(error)
    }
  }

  abort(): void {
    if (!this.isDone) {
      tell(this.leave(), 'abort')
    }
  }

  /**
   * The promise of the outcome, created on demand, so that a call with callbacks only never causes an unhandled rejection.
   * Callbacks run before its reactions.
   */
  promised(): Promise<any> {
    if (!this.awaited) {
      this.awaited = new Promise((resolve, reject) => {
        this.settle = () => {
          if (this.isFailure !== undefined) {
            ;(this.isFailure ? reject : resolve)(this.reported)
          }
        }
        this.settle()
      })
    }
    return this.awaited
  }

  /** Delivers the answer, after the held events. */
  succeed(result: unknown): void {
    if (this.native!.held !== NONE) {
      this.native!.passOn()
    }
    if (!this.isDone) {
      this.isDone = true
      this.report(false, result)
    }
  }

  /** Fails the call now, because wx did. */
  fail(error: SessionError): void {
    this.end()
    this.report(true, error)
  }

  /** Fails the call in a later turn, because the app may not have its task yet. */
  failLater(error: SessionError): void {
    this.end()
    setTimeout(() => this.report(true, error), 0)
  }

  /** Tells the app's listeners of an event. */
  happened(event: string, value: unknown): void {
    this.listeners.forEach((entry) => entry[0] === event && run(entry[1], value))
  }

  /** The error for a failure of wx, without the session id. */
  protected failure(given: unknown): SessionError {
    const cause = redact(given, [this.native!.session])
    return new SessionError('request_failed', { errMsg: cause.errMsg, errno: cause.errno, cause })
  }

  /** wx's task, while the call is in progress. */
  protected task(): any {
    return this.native && this.native.task
  }

  /** Aborts the call here, and returns wx's task. */
  protected leave(): any {
    const task = this.task()
    this.owner.drop(this)
    this.failLater(new SessionError('aborted', { errMsg: this.means + ':fail abort' }))
    return task
  }

  /** wx reports success. Whatever it still says about this native call no longer counts. */
  protected arrived(answer: unknown, native: NativeCall): void {
    native.end()
    if (native.session) {
      this.owner.answered(this, answer, native)
    } else {
      this.owner.answeredBare(this, answer, native)
    }
  }

  protected report(isFailure: boolean, value: unknown): void {
    const { success, fail, complete } = this.options
    const callback = isFailure ? fail : success
    if (callback) {
      run(callback, value)
    }
    if (complete) {
      run(complete, value)
    }
    // Somebody may hear of it without callbacks.
    if (isFailure && !callback && !complete && !this.awaited && this.listeners === NONE) {
      warn(value as SessionError)
    }
    this.isFailure = isFailure
    this.reported = value
    if (this.settle) {
      this.settle()
    }
  }

  on(event: string, listener: Listener): void {
    this.listeners = this.listeners.concat([[event, listener]])
    this.native && this.native.hear(event)
  }

  off(event: string, listener?: Listener): void {
    this.listeners = this.listeners.filter((entry) => entry[0] !== event || (listener && entry[1] !== listener))
  }

  /** wx called back before it returned its task. */
  protected missed(_: any): void {}

  protected end(): void {
    const { native } = this
    this.isDone = true
    if (native && !native.isOver) {
      native.end()
    }
  }
}

Object.assign(Call.prototype, {
  sends: 0,
  isDone: false,
  listeners: NONE,
  body: undefined,
  settle: undefined,
})

/** Prints a mistake of the developer's that nobody else hears of. */
function warn(error: SessionError): void {
  if (error.code === 'invalid_option') {
    console.error(error)
  }
}

/** Copies the options that wx would read although a class or a prototype has them. */
function inherit(options: any, given: any): void {
  // A function has no options, and what it has may not be read.
  let from = typeof given === 'object' && Object.getPrototypeOf(given)
  // `Object.prototype` may be another realm's.
  while (from && !Object.prototype.hasOwnProperty.call(from, 'isPrototypeOf')) {
    for (const name of Object.getOwnPropertyNames(from)) {
      if (!(name in options)) {
        const value = given[name]
        options[name] = typeof value === 'function' ? value.bind(given) : value
      }
    }
    from = Object.getPrototypeOf(from)
  }
}
