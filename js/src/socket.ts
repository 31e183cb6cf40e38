import { Call, type Listener, listen, run } from './call'

/** The task of a socket. It is no promise: that of a call is over when wx has taken it. */
export class Socket extends Call {
  private isReported = false

  onOpen(listener: Listener): void {
    this.on('Open', listener)
  }

  onMessage(listener: Listener): void {
    this.on('Message', listener)
  }

  onError(listener: Listener): void {
    this.on('Error', listener)
  }

  onClose(listener: Listener): void {
    this.on('Close', listener)
  }

  send(options: any): void {
    if (this.native) {
      listen(this.native, 'send', options)
    } else {
      later(options, 'fail', { errMsg: 'sendSocketMessage:fail the socket is not open' })
    }
  }

  close(options: any): void {
    if (this.native) {
      listen(this.native, 'close', options)
    } else if (this.isDone) {
      later(options, 'fail', { errMsg: 'closeSocket:fail the socket is closed' })
    } else {
      const { code = 1000, reason = '' } = Object(options)
      this.leave()
      later(options, 'success', { errMsg: 'closeSocket:ok' })
      later({ success: () => super.tell('Close', { code, reason }) }, 'success', undefined)
    }
  }

  /** wx has taken the call; the socket lives on. */
  override succeed(result: unknown): void {
    this.report('success', result)
  }

  protected override arrived(): void {}

  protected override report(outcome: 'success' | 'fail', value: any): void {
    if (!this.isReported) {
      this.isReported = true
      super.report(outcome, value)
      // Many apps listen to nothing else. That the app closed it itself is no error.
      if (outcome === 'fail' && value.code !== 'aborted') {
        super.tell('Error', value)
      }
    }
  }

  protected override tell(event: string, value: unknown): void {
    if (event === 'Close') {
      const { code, reason } = Object(value)
      this.end()
      // Before the app hears of it and opens the next one.
      this.sending.socketClosed(this, code, reason)
    }
    super.tell(event, value)
  }
}

/** Answers a call of the socket's own that never reaches wx. */
function later(options: any, outcome: 'success' | 'fail', value: unknown): void {
  setTimeout(() => {
    run(Object(options)[outcome], value)
    run(Object(options).complete, value)
  }, 0)
}
