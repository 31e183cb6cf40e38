import { Call, type Kind, type Listener, type Owner } from './call'
import { tell } from './run'

/** The task of any call but a socket, which can be awaited. */
export class Task extends Call {
  declare private promise: Promise<any> | undefined
  declare private settle: (() => void) | undefined
  declare private outcome: 'success' | 'fail' | undefined
  declare private result: unknown

  // An implicit constructor passes its arguments on as a list, which takes twice the time without a JIT.
  constructor(kind: Kind, url: string, given: any, owner: Owner) {
    super(kind, url, given, owner)
  }

  abort(): void {
    if (!this.isDone) {
      tell(this.leave(), 'abort')
    }
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

  onProgressUpdate(listener: Listener): void {
    this.on('ProgressUpdate', listener)
  }

  offProgressUpdate(listener?: Listener): void {
    this.off('ProgressUpdate', listener)
  }

  then(fulfilled?: any, rejected?: any): Promise<any> {
    return this.promised().then(fulfilled, rejected)
  }

  catch(rejected?: any): Promise<any> {
    return this.then(undefined, rejected)
  }

  finally(settled?: any): Promise<any> {
    const run = () => (typeof settled === 'function' ? settled() : undefined)
    return this.then(
      (value: unknown) => Promise.resolve(run()).then(() => value),
      (error: unknown) => Promise.resolve(run()).then(() => Promise.reject(error)),
    )
  }

  protected override isAwaited(): boolean {
    return !!this.promise
  }

  /** Callbacks run before the promise's reactions. */
  protected override report(outcome: 'success' | 'fail', value: unknown): void {
    super.report(outcome, value)
    this.outcome = outcome
    this.result = value
    if (this.settle) {
      this.settle()
    }
  }

  /** Creates the promise on demand, so that a call with callbacks only never causes an unhandled rejection. */
  private promised(): Promise<any> {
    if (!this.promise) {
      this.promise = new Promise((resolve, reject) => {
        this.settle = () => {
          if (this.outcome) {
            ;(this.outcome === 'fail' ? reject : resolve)(this.result)
          }
        }
        this.settle()
      })
    }
    return this.promise
  }
}
