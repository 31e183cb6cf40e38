import type { Call, Listener } from './call'

/** The task of any call but a socket, which can be awaited. */
export class Task {
  /** A function, so that a task that is serialised or logged shows nothing of its call, such as the session. */
  private readonly call: () => Call

  constructor(call: Call) {
    this.call = () => call
  }

  abort(): void {
    this.call().abort()
  }

  onHeadersReceived(listener: Listener): void {
    this.call().on('HeadersReceived', listener)
  }

  offHeadersReceived(listener?: Listener): void {
    this.call().off('HeadersReceived', listener)
  }

  onChunkReceived(listener: Listener): void {
    this.call().on('ChunkReceived', listener)
  }

  offChunkReceived(listener?: Listener): void {
    this.call().off('ChunkReceived', listener)
  }

  onProgressUpdate(listener: Listener): void {
    this.call().on('ProgressUpdate', listener)
  }

  offProgressUpdate(listener?: Listener): void {
    this.call().off('ProgressUpdate', listener)
  }

  then(fulfilled?: any, rejected?: any): Promise<any> {
    return this.call().promised().then(fulfilled, rejected)
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

  /** A task stands for a promise, and by its type every promise has one. */
  get [Symbol.toStringTag](): string {
    return 'Task'
  }
}
