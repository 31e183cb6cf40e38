import { number, statusOf } from './answer'
import { REFUSAL_STATUS } from './codes'
import { SessionError, redact } from './error'
import type { Sending } from './sending'

export type Listener = (value: any) => void
/** The methods of wx that carry a session. */
export type Kind = 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket'

const HEADERS = 'HeadersReceived'
const CHUNK = 'ChunkReceived'
/** The events that we listen to ourselves: of an upload or download, the answer itself has no headers. */
const ALWAYS: { [kind in Kind]: string[] } = {
  request: [],
  uploadFile: [HEADERS],
  downloadFile: [HEADERS],
  connectSocket: ['Close'],
}
/** Which of the options is the body, where a call has one. */
export const BODIES: { [kind in Kind]?: 'data' | 'formData' } = { request: 'data', uploadFile: 'formData' }
/** Bytes of chunks that are held while it is open whether their answer refuses the session. */
const HELD = 65536

/** What every call has of what few calls need. */
const NONE: any[] = []

/** One call of the app, over one or two calls of wx. */
export class Call {
  /** The ticket that it waits with, or 0. */
  ticket = 0
  /** How often it was handed to wx with a session, and with which the last time. */
  sends = 0
  generation!: number
  isDone = false
  /** Whether the app has had a part of the answer: then it is too late to send the call again. */
  hasPassed = false
  /** What wx told of the headers before the answer. */
  headers: unknown
  /** The app's, as they were when it made the call; the app may use its objects again. */
  private readonly options: any
  protected native: any
  private session = ''
  /** Counts the native calls and their ends, so that a callback which comes late or twice is known. */
  private turn = 0
  private listeners: [event: string, listener: Listener][] = NONE
  /** The events that this native call is listened to for. */
  private heard!: string[]
  /** Events of an answer that may be a refusal. */
  private held: [event: string, value: unknown][] | undefined
  private bytes!: number
  /** Whether wx told headers without a status. */
  private isBlind!: boolean
  /** Whether they had the status of a refusal: the more is held back, whatever becomes of it. */
  private isRefused!: boolean

  constructor(
    readonly kind: Kind,
    readonly url: string,
    given: any,
    protected readonly sending: Sending,
  ) {
    const options = (this.options = Object.assign({}, given))
    const body = BODIES[kind]
    if (body && isPlain(options[body])) {
      options[body] = Object.assign({}, options[body])
    }
  }

  /** It has to wait: the headers are kept as they are. Those of a call that goes at once are copied anyway. */
  hold(): void {
    this.options.header = Object.assign({}, this.options.header)
  }

  /** What wx is given; it may change it. */
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

  /** Hands the call to wx, with or without a session. `answered` hears of the answer if this call still counts. */
  dispatch(sent: any, session: string, answered: (answer: any) => void): void {
    const turn = ++this.turn
    const failed = (given: unknown) => {
      if (turn === this.turn) {
        this.fail(this.failure(given))
      }
    }
    // The session in it is put in its place each time.
    this.options.header = sent.header
    this.session = session
    this.held = session ? NONE : undefined
    this.hasPassed = this.isBlind = this.isRefused = false
    this.headers = undefined
    this.bytes = 0
    this.heard = NONE
    sent.success = (answer: any) => {
      if (turn === this.turn) {
        this.arrived()
        answered(answer)
      }
    }
    sent.fail = failed
    try {
      const native = (this.sending.settings.host as any)[this.kind](sent)
      // wx may have called back already.
      if (turn === this.turn) {
        this.native = native
        for (const event of ALWAYS[this.kind]) {
          this.hear(event)
        }
        for (const [event] of this.listeners) {
          this.hear(event)
        }
      } else {
        this.missed(native)
      }
    } catch (error) {
      failed(error)
    }
  }

  /** The answer reaches the caller, after what was held of it. */
  succeed(result: unknown): void {
    this.pass()
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

  /** The call fails in a later turn: the app may not have its task in hand yet. */
  failLater(error: SessionError): void {
    this.end()
    setTimeout(() => this.report('fail', error), 0)
  }

  /** What wx gives for a failure, without the session. */
  protected failure(given: unknown): SessionError {
    const cause = redact(given, [this.session])
    return new SessionError('request_failed', { errMsg: cause.errMsg, errno: cause.errno, cause })
  }

  /** Ends the call before its answer; gives what wx has of it. */
  protected leave(): any {
    const native = this.native
    this.sending.drop(this)
    this.failLater(new SessionError('aborted', { errMsg: this.kind + ':fail abort' }))
    return native
  }

  /** wx says that it succeeded: nothing that it still says of this native call counts. */
  protected arrived(): void {
    this.turn++
    this.native = undefined
  }

  protected report(outcome: 'success' | 'fail', value: unknown): void {
    run(this.options[outcome], value)
    run(this.options.complete, value)
  }

  protected on(event: string, listener: Listener): void {
    this.listeners = this.listeners.concat([[event, listener]])
    this.hear(event)
  }

  protected off(event: string, listener?: Listener): void {
    this.listeners = this.listeners.filter((entry) => entry[0] !== event || (listener && entry[1] !== listener))
  }

  protected tell(event: string, value: unknown): void {
    this.listeners.forEach((entry) => entry[0] === event && run(entry[1], value))
  }

  /** wx has called back before it gave what it has of the call. */
  protected missed(_: any): void {}

  protected end(): void {
    this.isDone = true
    this.turn++
    this.native = undefined
  }

  private hear(event: string): void {
    if (event === CHUNK) {
      this.hear(HEADERS)
    }
    if (this.native && this.heard.indexOf(event) < 0) {
      const turn = this.turn
      this.heard = this.heard.concat(event)
      listen(this.native, 'on' + event, (value: unknown) => turn === this.turn && this.happened(event, value))
    }
  }

  /** An event of an answer waits until it is known that the answer is no refusal; then all pass. */
  private happened(event: string, value: unknown): void {
    const status = statusOf(value)
    if (event === HEADERS) {
      this.headers = value
      this.isBlind = isNaN(status)
      this.isRefused = status === REFUSAL_STATUS
    }
    if (!this.held || (event !== HEADERS && event !== CHUNK)) {
      this.hasPassed = this.hasPassed || event === CHUNK
      this.tell(event, value)
      return
    }
    if (event === CHUNK) {
      this.bytes += number(Object(Object(value).data).byteLength) || 0
      this.hasPassed = this.isBlind || (this.bytes > HELD && !this.isRefused)
    }
    if (this.bytes <= HELD || this.hasPassed) {
      this.held = this.held.concat([[event, value]])
    }
    if (status < 400 || this.hasPassed) {
      this.pass()
    }
  }

  private pass(): void {
    const held = this.held
    this.held = undefined
    // A listener may abort the call.
    held && held.forEach((entry) => this.isDone || this.tell(entry[0], entry[1]))
  }
}

/** Whether a body is of no nature of its own: then a copy of it is the same. */
function isPlain(body: unknown): boolean {
  return !!body && Object.getPrototypeOf(body) === Object.prototype
}

/** Runs a function of the app's; what it throws is the app's affair and breaks nothing of ours. */
export function run(callback: unknown, value: unknown): unknown {
  if (typeof callback === 'function') {
    try {
      return callback(value)
    } catch (error) {
      console.error(error)
    }
  }
  return undefined
}

/** Calls a method of the native task, which an old base library may not have. */
export function listen(native: any, method: string, value?: unknown): void {
  if (native && native[method]) {
    run(() => native[method](value), undefined)
  }
}
