import { Call, type Listener } from './call'
import { SessionError } from './error'
import { run, tell } from './run'

/** The states of a socket. */
const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }

/** The task of a socket. It is no promise, because wx accepts the call long before the socket ends. */
export class SocketTask {
  /** A function, so that a task that is serialised or logged shows nothing of its call, such as the session. */
  private readonly call: () => SocketCall

  constructor(call: SocketCall) {
    this.call = () => call
  }

  get readyState(): number {
    return this.call().state()
  }

  onOpen(listener: Listener): void {
    this.call().on('Open', listener)
  }

  onMessage(listener: Listener): void {
    this.call().on('Message', listener)
  }

  onError(listener: Listener): void {
    this.call().on('Error', listener)
  }

  onClose(listener: Listener): void {
    this.call().on('Close', listener)
  }

  send(options: any): void {
    this.call().send(options)
  }

  close(options: any): void {
    this.call().close(options)
  }
}
Object.assign(SocketTask.prototype, STATES)

/** The call that opens a socket, and what becomes of the socket. */
export class SocketCall extends Call {
  private isReported = false
  /** The state by what happened, for hosts that do not tell it. */
  private known = STATES.CONNECTING
  /** The options with which the app closed the socket. */
  private closing: any

  state(): number {
    const told = Object(this.task()).readyState
    return this.isDone ? STATES.CLOSED : typeof told === 'number' ? told : this.known
  }

  send(options: any): void {
    const task = this.task()
    if (task) {
      tell(task, 'send', options)
    } else {
      later(options, 'fail', { errMsg: 'sendSocketMessage:fail not open' })
    }
  }

  close(options: any): void {
    this.closing = Object(options)
    const task = this.task()
    if (task) {
      this.known = STATES.CLOSING
      tell(task, 'close', options)
    } else if (this.isDone) {
      later(options, 'fail', { errMsg: 'closeSocket:fail closed' })
    } else {
      const { code = 1000, reason = '' } = this.closing
      this.leave()
      later(options, 'success', { errMsg: 'closeSocket:ok' })
      later({ success: () => super.happened('Close', { code, reason }) }, 'success', undefined)
    }
  }

  override dispatch(session: string): void {
    super.dispatch(session)
    this.native!.hear('Open')
  }

  /** wx has accepted the call; the socket lives on. */
  override succeed(result: unknown): void {
    this.report(false, result)
  }

  override fail(error: SessionError): void {
    // Once wx has accepted the call, the socket's events report what happens.
    if (!this.isReported) {
      super.fail(error)
    }
  }

  /** The success of `connectSocket` says nothing about the session. */
  protected override arrived(answer: unknown): void {
    this.succeed(answer)
  }

  protected override missed(task: any): void {
    if (this.closing) {
      const { code, reason } = this.closing
      tell(task, 'close', { code, reason })
    }
  }

  protected override report(isFailure: boolean, value: any): void {
    if (!this.isReported) {
      this.isReported = true
      super.report(isFailure, value)
      // Many apps listen only to `onError`. An abort by the app is no error.
      if (isFailure && value.code !== 'aborted') {
        super.happened('Error', value)
      }
    }
  }

  override happened(event: string, value: unknown): void {
    if (event !== 'Message') {
      this.known = event === 'Open' ? STATES.OPEN : STATES.CLOSED
    }
    if (event === 'Close') {
      this.fail(new SessionError('aborted', { errMsg: 'connectSocket:fail abort' }))
      this.end()
      // Before the app hears of the close and opens the next socket.
      if (!this.closing) {
        this.owner.closed(this, Object(value))
      }
    }
    super.happened(event, event === 'Error' ? this.failure(value) : value)
  }
}

/** Answers a method of the socket that does not reach wx. */
function later(options: any, outcome: 'success' | 'fail', value: unknown): void {
  setTimeout(() => {
    run(Object(options)[outcome], value)
    run(Object(options).complete, value)
  }, 0)
}
