// The part that all calls over HTTP share: how one ends, and what its task tells.

/** wx's default, in milliseconds. */
const PATIENCE = 60000

/** wx's numbers. */
const enum Errno {
  Timeout = 5,
  Network = 600001,
}

/** A browser tells no page which of the two it was. */
export const UNREACHED = 'no network, or CORS does not allow this page'

export type Emit = (event: string, value: unknown) => void

/** The listeners of a task: `on…` and `off…` for each event. */
export function listening(events: string[]): { emit: Emit; methods: any } {
  const methods: any = {}
  let listeners: [event: string, listener: (value: unknown) => void][] = []
  for (const event of events) {
    methods['on' + event] = (listener: () => void) => {
      listeners = listeners.concat([[event, listener]])
    }
    methods['off' + event] = (listener?: unknown) => {
      listeners = listeners.filter((entry) => entry[0] !== event || (listener && entry[1] !== listener))
    }
  }
  return {
    emit: (event, value) => listeners.forEach((entry) => entry[0] === event && entry[1](value)),
    methods,
  }
}

/**
 * Makes a call, which ends once: by what `send` resolves to, or by a failure, the call's timeout or its app. When the signal
 * aborts, `send` has to reject.
 */
export function call(
  name: string,
  event: string,
  options: any,
  send: (signal: AbortSignal, emit: Emit) => Promise<object>,
): object {
  const control = new AbortController()
  const { emit, methods } = listening(['HeadersReceived', event])
  const failure = (text: string, errno?: number) => {
    const errMsg = name + ':fail ' + text
    return errno ? { errMsg, errno } : { errMsg }
  }
  let reason: object | undefined
  const stop = (text: string, errno?: number) => {
    reason = reason || failure(text, errno)
    control.abort()
  }
  const timer = setTimeout(() => stop('timeout', Errno.Timeout), options.timeout > 0 ? options.timeout : PATIENCE)
  // An exception is a failure like any other.
  new Promise<object>((resolve) => resolve(send(control.signal, emit)))
    .then(
      (answer) => ['success', Object.assign(answer, { errMsg: name + ':ok' })] as const,
      (error) => ['fail', reason || failure(Object(error).message, Errno.Network)] as const,
    )
    .then(([outcome, value]) => {
      clearTimeout(timer)
      report(options, outcome, value)
    })
  return Object.assign(methods, { abort: () => stop('abort') })
}

/** Tells an app how something that it asked for has ended. */
export function report(options: any, outcome: 'success' | 'fail', value: object): void {
  for (const name of [outcome, 'complete']) {
    const callback = Object(options)[name]
    if (callback) {
      callback(value)
    }
  }
}
