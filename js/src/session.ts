import { Core } from 'wxsession-glue'
import type { Session, SessionOptions, SessionState } from '../index'
import type { Kind } from './call'
import { run } from './call'
import { PHASES } from './codes'
import { SessionError, redact } from './error'
import { WxHost } from './host'
import { load } from './load'
import { checked } from './options'
import { Sending } from './sending'
import { Socket } from './socket'
import { Task } from './task'

const keysInUse: { [key: string]: true } = Object.create(null)

export function createSession(options: SessionOptions): Session {
  const settings = checked(options)
  if (keysInUse[settings.storageKey]) {
    throw new SessionError('storage_key_in_use')
  }
  keysInUse[settings.storageKey] = true

  let core: Core | undefined
  let state: SessionState = 'loading'
  let isLoading = false
  /** Whether the app signed out while the core could not be loaded. */
  let hasLeft = false
  let held: [go: () => void, fail: (error: SessionError) => void][] = []
  let listeners: [(state: SessionState) => void][] = []
  let endings: Promise<void>[] = []

  const host = new WxHost(
    settings,
    (ticket, outcome, retryAfter) => sending.settle(ticket, outcome, retryAfter),
    (phase) => {
      state = PHASES[phase] as SessionState
      if (state !== 'signing-in') {
        host.rest()
      }
      listeners.forEach((entry) => run(entry[0], state))
    },
    (end) => {
      endings.push(end)
    },
  )
  const sending = new Sending(settings, host)

  /** Runs `go` with the core: at once if it is loaded and nobody came before. */
  function withCore(go: () => void, fail: (error: SessionError) => void): void {
    if (core && !held.length) {
      go()
      return
    }
    held.push([go, fail])
    if (isLoading) {
      return
    }
    isLoading = true
    load(settings.wasmPath, settings.loadTimeout)
      .then(() => {
        const loaded = host.start()
        sending.core = core = loaded
        if (hasLeft) {
          loaded.leave()
        }
        loaded.start()
        release(([go]) => go())
      })
      .catch((given) => {
        const isOurs = given instanceof SessionError
        const error = isOurs ? given : new SessionError('load_failed', { cause: redact(given, []) })
        release(([, fail]) => fail(error))
      })
  }

  function release(each: (call: (typeof held)[0]) => void): void {
    isLoading = false
    const calls = held
    held = []
    calls.forEach((call) => run(each, call))
  }

  /** Starts a call; a `url` with one leading slash is the app's own server's. */
  function call(made: typeof Task | typeof Socket, kind: Kind, base: string, options: any): Task | Socket {
    const given = Object(options)
    const { auth, url } = given
    const isText = typeof url === 'string' && url !== ''
    const isRelative = isText && url[0] === '/' && url[1] !== '/'
    const task = new made(kind, isRelative ? base + url : url, given, sending)
    if (!isText) {
      task.failLater(new SessionError('invalid_option', { message: 'url: must be a string' }))
    } else if (auth === false) {
      sending.sendBare(task)
    } else if (core && !held.length) {
      sending.start(task)
    } else {
      task.hold()
      withCore(
        () => task.isDone || sending.start(task),
        (error) => task.isDone || task.failLater(error),
      )
    }
    return task
  }

  // So that the first call finds the core loaded. A failure is told to the calls that wait for it.
  withCore(
    () => {},
    () => {},
  )

  return {
    request: (options: unknown): any => call(Task, 'request', settings.baseUrl, options),

    uploadFile: (options: unknown): any => call(Task, 'uploadFile', settings.baseUrl, options),

    downloadFile: (options: unknown): any => call(Task, 'downloadFile', settings.baseUrl, options),

    connectSocket: (options: unknown): any =>
      call(Socket, 'connectSocket', settings.baseUrl.replace(/^http/i, 'ws'), options),

    login: (given?: { force?: boolean }): Promise<void> =>
      new Promise((resolve, reject) =>
        withCore(() => sending.login(Object(given).force === true, resolve, reject), reject),
      ),

    logout: (): Promise<void> =>
      new Promise((resolve) =>
        withCore(
          () => {
            const mine = (endings = [])
            sending.core.leave()
            // Inside a callback the core may come to it only when that has returned.
            Promise.resolve()
              .then(() => Promise.all(mine))
              .then(() => resolve())
          },
          () => {
            hasLeft = true
            host.forget()
            resolve()
          },
        ),
      ),

    get state(): SessionState {
      return state
    },

    onChange(listener: (state: SessionState) => void): () => void {
      const entry: (typeof listeners)[0] = [listener]
      listeners = listeners.concat([entry])
      return () => {
        listeners = listeners.filter((other) => other !== entry)
      }
    },
  }
}
