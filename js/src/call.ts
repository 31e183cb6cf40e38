import { SessionError, redact } from './error'
import { HEADERS, NONE, NativeCall } from './native-call'
import type { Settings } from './options'
import { run } from './run'

export type Listener = (value: any) => void
/** The methods of wx that carry a session. */
export type Kind = 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket'

/**
 * The events that the shim needs itself. The answer to an upload or a download has no headers of its own, and a chunked one
 * may have no status.
 */
const ALWAYS: { [kind in Kind]: string[] } = {
  request: [],
  uploadFile: [HEADERS],
  downloadFile: [HEADERS],
  connectSocket: ['Close'],
}
/** Which option is the body, where a call has one. */
export const BODIES: { [kind in Kind]?: 'data' | 'formData' } = { request: 'data', uploadFile: 'formData' }

/** What a call needs from its session. */
export interface Owner {
  readonly settings: Settings
  /** The call ended before the core has decided about it. */
  drop(call: Call): void
  /** A socket was closed by its server or by the network. */
  closed(socket: Call, close: { code?: unknown; reason?: unknown }): void
}

/** One call of the app, made with one or two calls of wx. */
export class Call {
  /** The ticket that the call waits with, or 0. */
  ticket = 0
  /** How often the call was sent with a session, and with which one the last time. */
  sends = 0
  generation!: number
  isDone = false
  /** The last call of wx. */
  protected native: NativeCall | undefined
  /** A copy of the app's options at the time of the call, because the app may reuse its objects. */
  private readonly options: any
  private listeners: [event: string, listener: Listener][] = NONE

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
    sent.complete = undefined
    if ('auth' in sent) {
      delete sent.auth
    }
    sent.url = this.url
    return sent
  }

  /** Hands the call to wx. `session` is empty for a bare call. `answered` hears of the answer if the call still counts. */
  dispatch(sent: any, session: string, answered: (answer: any, native: NativeCall) => void): void {
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
        this.arrived(native)
        answered(answer, native)
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
        for (const event of sent.enableChunked ? [HEADERS] : ALWAYS[this.kind]) {
          native.hear(event)
        }
        for (const [event] of this.listeners) {
          native.hear(event)
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
  protected arrived(native: NativeCall): void {
    native.end()
  }

  protected report(outcome: 'success' | 'fail', value: unknown): void {
    run(this.options[outcome], value)
    run(this.options.complete, value)
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

/** Whether the body is a plain object, which a shallow copy preserves. */
function isPlain(body: unknown): boolean {
  return !!body && Object.getPrototypeOf(body) === Object.prototype
}
