import { SessionError, redact } from './error'
import { HEADERS, NONE, NativeCall } from './native-call'
import type { Settings } from './options'
import { run } from './run'

export type Listener = (value: any) => void
/** The methods of wx that carry a session. */
export type Kind = 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket'

/**
 * The event that the shim needs itself. The answer to an upload or a download has no headers of its own, and a chunked one
 * may have no status.
 */
const ALWAYS: { [kind in Kind]?: string } = {
  uploadFile: HEADERS,
  downloadFile: HEADERS,
  connectSocket: 'Close',
}
/** Which option is the body, where a call has one. */
export const BODIES: { [kind in Kind]?: 'data' | 'formData' } = { request: 'data', uploadFile: 'formData' }

/** What a call needs from its session. */
export interface Owner {
  readonly settings: Settings
  /** The call ended before the core has decided about it. */
  drop(call: Call): void
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
  /** The ticket that the call waits with, or 0. */
  declare ticket: number
  /** How often the call was sent with a session, and with which one the last time. */
  declare sends: number
  declare generation: number
  declare isDone: boolean
  /** The last call of wx. */
  declare protected native: NativeCall | undefined
  /** A copy of the app's options at the time of the call, because the app may reuse its objects. */
  private readonly options: any
  declare private listeners: [event: string, listener: Listener][]

  constructor(
    readonly kind: Kind,
    readonly url: string,
    given: any,
    protected readonly owner: Owner,
  ) {
    const options = (this.options = Object.assign({}, given))
    const body = BODIES[kind]
    if (body && isPlain(options[body])) {
      options[body] = Object.assign({}, options[body])
    }
  }

  /** Copies the headers, because the call has to wait. A call that goes at once copies them anyway. */
  hold(): void {
    this.options.header = Object.assign({}, this.options.header)
  }

  /** A copy of the options for wx, which may be changed. */
  outgoing(): any {
    const sent = Object.assign({}, this.options)
    // `report` calls it. (Setting `undefined` is cheaper than `delete`.)
    if (sent.complete) {
      sent.complete = undefined
    }
    if ('auth' in sent) {
      delete sent.auth
    }
    sent.url = this.url
    return sent
  }

  /** Hands the call to wx. `session` is empty for a bare call. */
  dispatch(sent: any, session: string): void {
    const native = (this.native = new NativeCall(session, this))
    const failed = (given: unknown) => {
      if (!native.isOver) {
        this.fail(this.failure(given))
      }
    }
    // A resend adds its own session.
    this.options.header = sent.header
    sent.success = (answer: any) => {
      if (!native.isOver) {
        this.arrived(answer, native)
      }
    }
    sent.fail = failed
    try {
      const task = (this.owner.settings.host as any)[this.kind](sent)
      // wx may have called back already.
      if (native.isOver) {
        this.missed(task)
      } else {
        native.task = task
        const always = sent.enableChunked ? HEADERS : ALWAYS[this.kind]
        if (always) {
          native.hear(always)
        }
        if (this.listeners !== NONE) {
          this.listeners.forEach((entry) => native.hear(entry[0]))
        }
      }
    } catch (error) {
      failed(error)
    }
  }

  /** Delivers the answer, after the held events. */
  succeed(result: unknown): void {
    this.native!.pass()
    if (!this.isDone) {
      this.end()
      this.report('success', result)
    }
  }

  /** Fails the call now, because wx did. */
  fail(error: SessionError): void {
    this.end()
    this.report('fail', error)
  }

  /** Fails the call in a later turn, because the app may not have its task yet. */
  failLater(error: SessionError): void {
    this.end()
    setTimeout(() => this.report('fail', error), 0)
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
    this.failLater(new SessionError('aborted', { errMsg: this.kind + ':fail abort' }))
    return task
  }

  /** wx reports success. Whatever it still says about this native call no longer counts. */
  protected arrived(answer: unknown, native: NativeCall): void {
    native.end()
    if (native.session) {
      this.owner.answered(this, answer, native)
    } else {
      this.succeed(answer)
    }
  }

  protected report(outcome: 'success' | 'fail', value: unknown): void {
    const { complete, [outcome]: callback } = this.options
    if (callback) {
      run(callback, value)
    }
    if (complete) {
      run(complete, value)
    }
    if (outcome === 'fail' && !callback && !complete && !this.isAwaited()) {
      warn(value as SessionError)
    }
  }

  /** Whether the app hears of the outcome without callbacks. */
  protected isAwaited(): boolean {
    return this.listeners !== NONE
  }

  protected on(event: string, listener: Listener): void {
    this.listeners = this.listeners.concat([[event, listener]])
    this.native && this.native.hear(event)
  }

  protected off(event: string, listener?: Listener): void {
    this.listeners = this.listeners.filter((entry) => entry[0] !== event || (listener && entry[1] !== listener))
  }

  /** wx called back before it returned its task. */
  protected missed(_: any): void {}

  protected end(): void {
    this.isDone = true
    this.native && this.native.end()
  }
}

Object.assign(Call.prototype, { ticket: 0, sends: 0, isDone: false, native: undefined, listeners: NONE })

/** Prints a mistake of the developer's that nobody else hears of. */
function warn(error: SessionError): void {
  if (error.code === 'invalid_option') {
    console.error(error)
  }
}

/** Whether the body is a plain object, which a shallow copy preserves. */
function isPlain(body: unknown): boolean {
  return !!body && Object.getPrototypeOf(body) === Object.prototype
}
