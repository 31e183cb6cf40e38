import { SessionError, redact } from './error'
import { HEADERS, NONE, NativeCall } from './native-call'
import type { Settings } from './options'
import { run } from './run'

export type Listener = (value: any) => void
/** The methods of wx that carry a session. */
export type Kind = 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket'

/** The events that we listen to ourselves. The answer to an upload or a download has no headers. */
const ALWAYS: { [kind in Kind]: string[] } = {
  request: [],
  uploadFile: [HEADERS],
  downloadFile: [HEADERS],
  connectSocket: ['Close'],
}
/** Which option is the body, where a call has one. */
export const BODIES: { [kind in Kind]?: 'data' | 'formData' } = { request: 'data', uploadFile: 'formData' }

/** What a call needs of its session. */
export interface Owner {
  readonly settings: Settings
  /** The call is over before the core has decided about it. */
  drop(call: Call): void
  /** A socket was closed by its server, or by the network. */
  closed(socket: Call, close: { code?: unknown; reason?: unknown }): void
}

/** One call of the app, over one or two calls of wx. */
export class Call {
  /** The ticket that it waits with, or 0. */
  ticket = 0
  /** How often it was handed to wx with a session, and with which session the last time. */
  sends = 0
  generation!: number
  isDone = false
  /** The call of wx that it was made last. */
  protected native: NativeCall | undefined
  /** The app's options as they were at the call; the app may use its objects again. */
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

  /** The call has to wait, so its headers are kept as they are. A call that goes at once copies them anyway. */
  hold(): void {
    this.options.header = Object.assign({}, this.options.header)
  }

  /** The options for wx, which may change them. */
  outgoing(): any {
    const sent = Object.assign({}, this.options)
    // Ours to call. (An `undefined` costs less than a `delete`.)
    sent.complete = undefined
    if ('auth' in sent) {
      delete sent.auth
    }
    sent.url = this.url
    return sent
  }

  /** Hands the call to wx; `session` is empty if it goes bare. `answered` hears of the answer if the call still counts. */
  dispatch(sent: any, session: string, answered: (answer: any, native: NativeCall) => void): void {
    const native = (this.native = new NativeCall(session, this))
    const failed = (given: unknown) => {
      if (!native.isOver) {
        this.fail(this.failure(given))
      }
    }
    // A resend puts its own session in.
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
        for (const event of ALWAYS[this.kind]) {
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

  /** The answer reaches the caller, after what was held of it. */
  succeed(result: unknown): void {
    this.native!.pass()
    if (!this.isDone) {
      this.end()
      this.report('success', result)
    }
  }

  /** The call fails now: wx says so. */
  fail(error: SessionError): void {
    this.end()
    this.report('fail', error)
  }

  /** The call fails in a later turn, for the app may not have its task in hand yet. */
  failLater(error: SessionError): void {
    this.end()
    setTimeout(() => this.report('fail', error), 0)
  }

  /** Something happened that the app may listen to. */
  happened(event: string, value: unknown): void {
    this.listeners.forEach((entry) => entry[0] === event && run(entry[1], value))
  }

  /** What wx gives for a failure, without the session. */
  protected failure(given: unknown): SessionError {
    const cause = redact(given, [this.native!.session])
    return new SessionError('request_failed', { errMsg: cause.errMsg, errno: cause.errno, cause })
  }

  /** wx's task, while there is one. */
  protected task(): any {
    return this.native && this.native.task
  }

  /** Ends the call before its answer, and returns wx's task. */
  protected leave(): any {
    const task = this.task()
    this.owner.drop(this)
    this.failLater(new SessionError('aborted', { errMsg: this.kind + ':fail abort' }))
    return task
  }

  /** wx reports success. Nothing that it still says of this native call counts. */
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
