import type { SessionRequestOption } from '../index'
import { SessionError, redact } from './error'

type Native = WechatMiniprogram.RequestTask
type Listener = (value: any) => void

/** One call of the app, over one or two calls of wx: the task in the app's hand, its callbacks and its promise. */
export class Task {
  /** The ticket that it waits with, or 0. */
  ticket = 0
  /** How often it was handed to wx with a session. */
  sends = 0
  isDone = false
  private native: Native | undefined
  /** Counts the native calls and their ends, so that a callback which comes late or twice is known. */
  private turn = 0
  private listeners: [kind: string, listener: Listener][] = []
  private readonly success: unknown
  private readonly failed: unknown
  private readonly complete: unknown
  /** The app's, as they were when it made the call; the app may use its object again. */
  readonly options: SessionRequestOption
  private promise: Promise<any> | undefined
  private settle: (() => void) | undefined
  private isSettled = false
  private result: unknown
  private error: SessionError | undefined

  constructor(
    readonly url: string,
    given: SessionRequestOption,
    private readonly drop: (task: Task) => void,
  ) {
    this.options = Object.assign({}, given)
    this.success = given.success
    this.failed = given.fail
    this.complete = given.complete
  }

  /** Hands the call to wx. `answered` hears of the answer if this is still the call that counts. */
  send(header: object | undefined, secret: string, answered: (answer: any) => void): void {
    const turn = ++this.turn
    const failed = (given: unknown) => {
      if (turn === this.turn) {
        const cause = redact(given, [secret])
        this.fail(new SessionError('request_failed', { errMsg: cause.errMsg, errno: cause.errno, cause }))
      }
    }
    // The copy is wx's at the first send.
    const sent: any = turn > 1 ? Object.assign({}, this.options) : this.options
    // Ours to call. (An `undefined` costs less than a `delete`.)
    sent.complete = undefined
    if ('auth' in sent) {
      delete sent.auth
    }
    sent.url = this.url
    if (header) {
      sent.header = header
    }
    sent.success = (answer: any) => {
      if (turn === this.turn) {
        this.turn++
        this.native = undefined
        answered(answer)
      }
    }
    sent.fail = failed
    try {
      const native = wx.request(sent)
      // wx may have called back already.
      if (turn === this.turn) {
        this.native = native
        for (const [kind, listener] of this.listeners) {
          listen(native, 'on' + kind, listener)
        }
      }
    } catch (error) {
      failed(error)
    }
  }

  /** The answer reaches the caller. */
  succeed(result: unknown): void {
    this.end()
    this.result = result
    this.report(this.success, result)
  }

  /** The call fails now: wx says so. */
  fail(error: SessionError): void {
    this.end()
    this.error = error
    this.report(this.failed, error)
  }

  /** The call fails in a later turn: the app may not have its task in hand yet. */
  failLater(error: SessionError): void {
    this.end()
    this.error = error
    setTimeout(() => this.report(this.failed, error), 0)
  }

  abort(): void {
    if (this.isDone) {
      return
    }
    const native = this.native
    this.drop(this)
    this.failLater(new SessionError('aborted', { errMsg: 'request:fail abort' }))
    listen(native, 'abort')
  }

  onHeadersReceived(listener: Listener): void {
    this.on('HeadersReceived', listener)
  }

  offHeadersReceived(listener?: Listener): void {
    this.off('HeadersReceived', listener)
  }

  onChunkReceived(listener: Listener): void {
    this.on('ChunkReceived', listener)
  }

  offChunkReceived(listener?: Listener): void {
    this.off('ChunkReceived', listener)
  }

  then(fulfilled?: any, rejected?: any): Promise<any> {
    return this.promised().then(fulfilled, rejected)
  }

  catch(rejected?: any): Promise<any> {
    return this.then(undefined, rejected)
  }

  finally(settled?: any): Promise<any> {
    const run = () => typeof settled === 'function' ? settled() : undefined
    return this.then(
      (value: unknown) => Promise.resolve(run()).then(() => value),
      (error: unknown) => Promise.resolve(run()).then(() => Promise.reject(error)),
    )
  }

  /** Made only when somebody looks, so that a call with callbacks alone never rejects unhandled. */
  private promised(): Promise<any> {
    if (!this.promise) {
      this.promise = new Promise((resolve, reject) => {
        this.settle = () => (this.error ? reject(this.error) : resolve(this.result))
        if (this.isSettled) {
          this.settle()
        }
      })
    }
    return this.promise
  }

  private end(): void {
    this.isDone = true
    this.turn++
    this.native = undefined
  }

  private report(callback: unknown, value: unknown): void {
    run(callback, value)
    run(this.complete, value)
    this.isSettled = true
    if (this.settle) {
      this.settle()
    }
  }

  private on(kind: string, listener: Listener): void {
    this.listeners.push([kind, listener])
    listen(this.native, 'on' + kind, listener)
  }

  private off(kind: string, listener?: Listener): void {
    this.listeners = this.listeners.filter((entry) => entry[0] !== kind || (listener && entry[1] !== listener))
    listen(this.native, 'off' + kind, listener)
  }
}

/** Runs a callback of the app's; what it throws is the app's affair and breaks nothing of ours. */
export function run(callback: unknown, value: unknown): void {
  if (typeof callback === 'function') {
    try {
      callback(value)
    } catch (error) {
      console.error(error)
    }
  }
}

/** Calls a method of the native task, which an old base library may not have. */
function listen(native: any, method: string, listener?: Listener): void {
  if (native && native[method]) {
    run(() => native[method](listener), undefined)
  }
}
