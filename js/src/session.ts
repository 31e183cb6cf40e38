import { Core } from 'wxsession-glue'
import type { Session, SessionErrorCause, SessionOptions, SessionRequestOption, SessionState } from '../index'
import { number, problem } from './answer'
import { CODES } from './codes'
import { SessionError, redact } from './error'
import { WxHost } from './host'
import { load } from './load'
import { checked } from './options'
import { Task, run } from './task'

/** In the order of the core's phases. */
const STATES: SessionState[] = ['signed-out', 'signing-in', 'signed-in', 'ended']
/** Outcomes of a ticket that are no failure. */
const GO = -1
const DELIVER = -2
/** From this code on, the table has what a sign-in fails with. */
const LOGIN_FAILED = CODES.findIndex(([code]) => code === 'login_failed')

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
  let lastTicket = 0
  let lastOrigin = ''
  let isTrusted = false
  let generation = 0
  let id = ''
  const waiting = new Map<number, (outcome: number, retryAfter: number) => void>()
  let listeners: [(state: SessionState) => void][] = []
  let endings: Promise<void>[] = []

  const host = new WxHost(
    settings,
    (ticket, outcome, retryAfter) => {
      const settled = waiting.get(ticket)
      if (settled) {
        waiting.delete(ticket)
        // What is thrown below the core would leave it in the middle of its work.
        run(() => settled(outcome, retryAfter), undefined)
      }
    },
    (phase) => {
      state = STATES[phase] as SessionState
      if (state !== 'signing-in') {
        host.rest()
      }
      listeners.forEach((entry) => run(entry[0], state))
    },
    (end) => {
      endings.push(end)
    },
  )

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
    const { wasmPath, loadTimeout, loginUrl, loginTimeout, loginDataTimeout, exchangeTimeout, baseUrl, origins } = settings
    load(wasmPath, loadTimeout).then(() => {
      const loaded = host.core = new Core(host, loginUrl, loginTimeout, loginDataTimeout, exchangeTimeout, ...host.load())
      for (const url of origins.concat(baseUrl)) {
        loaded.trust(url)
      }
      core = loaded
      if (hasLeft) {
        core.leave()
      }
      core.start()
      release(([go]) => go())
    }).catch((given) => {
      const isOurs = given instanceof SessionError
      const error = isOurs ? given : new SessionError('load_failed', { cause: redact(given, []) })
      release(([, fail]) => fail(error))
    })
  }

  function release(each: (call: typeof held[0]) => void): void {
    isLoading = false
    const calls = held
    held = []
    calls.forEach((call) => run(each, call))
  }

  /** A ticket that the core will settle. */
  function ticket(settled: (outcome: number, retryAfter: number) => void): number {
    waiting.set(++lastTicket, settled)
    return lastTicket
  }

  function failure(outcome: number, retryAfter: number): SessionError {
    const [code] = CODES[outcome] as typeof CODES[0]
    const cause = outcome < LOGIN_FAILED ? undefined : host.cause
    // A server's answer is in order as far as wx goes.
    const { errMsg, errno } = cause && !cause.statusCode ? cause : {} as SessionErrorCause
    return new SessionError(code, { errMsg, errno, cause, retryAfter: retryAfter || undefined })
  }

  /** Whether a call carries the session. Up to its path a URL says all that counts; mostly the same as the last one. */
  function carries(url: string): boolean {
    const end = url.indexOf('/', 8)
    const origin = end < 0 ? url : url.slice(0, end)
    if (origin !== lastOrigin) {
      lastOrigin = origin
      isTrusted = (core as Core).carries(origin)
    }
    return isTrusted
  }

  function start(task: Task): void {
    if (!carries(task.url)) {
      sendBare(task)
      return
    }
    const admitted = (core as Core).admit(Date.now())
    if (admitted) {
      send(task, admitted)
    } else {
      keepHeader(task)
      task.ticket = expect(task)
      ;(core as Core).want(task.ticket, false, false)
    }
  }

  function sendBare(task: Task): void {
    task.send(undefined, '', (answer) => task.succeed(answer))
  }

  /** Sends with the session of this generation, which is the one that stands. */
  function send(task: Task, current: number): void {
    if (current !== generation) {
      id = (core as Core).id() as string
      generation = current
    }
    const name = settings.sessionHeader
    const header: { [name: string]: unknown } = {}
    const given: { [name: string]: unknown } = task.options.header || {}
    for (const key of Object.keys(given)) {
      if (key.length !== name.length || key.toLowerCase() !== name.toLowerCase()) {
        header[key] = given[key]
      }
    }
    header[name] = id
    task.sends++
    task.send(header, id, (answer) => {
      const status = number(Object(answer).statusCode)
      // Only the core knows what a refusal is; what is surely none need not cross the boundary.
      if ((status < 400 && task.sends === 1) || !isRefused(task, current, status, answer)) {
        task.succeed(answer)
      }
    })
  }

  function isRefused(task: Task, current: number, status: number, answer: unknown): boolean {
    const isSecond = task.sends > 1
    task.ticket = expect(task, answer)
    const isHeld = (core as Core).refused(task.ticket, current, isSecond, status, problem(answer))
    if (!isHeld) {
      waiting.delete(task.ticket)
      task.ticket = 0
    }
    return isHeld
  }

  /** A ticket for a call; `answer` is the refusal that it holds, if any. */
  function expect(task: Task, answer?: unknown): number {
    return ticket((outcome, retryAfter) => {
      task.ticket = 0
      if (outcome === GO) {
        send(task, (core as Core).generation())
      } else if (outcome === DELIVER) {
        task.succeed(answer)
      } else {
        task.failLater(failure(outcome, retryAfter))
      }
    })
  }

  /** A call that waits goes out with the header that it was made with. */
  function keepHeader(task: Task): void {
    task.options.header = Object.assign({}, task.options.header)
  }

  function drop(task: Task): void {
    if (task.ticket) {
      waiting.delete(task.ticket)
      ;(core as Core).abort(task.ticket)
    }
  }

  // So that the first call finds the core loaded. A failure is told to the calls that wait for it.
  withCore(() => {}, () => {})

  return {
    request(options: SessionRequestOption): any {
      const given = Object(options) as SessionRequestOption
      const isText = typeof given.url === 'string' && given.url !== ''
      const isRelative = isText && given.url[0] === '/' && given.url[1] !== '/'
      const task = new Task(isRelative ? settings.baseUrl + given.url : given.url, given, drop)
      if (!isText) {
        task.failLater(new SessionError('invalid_option', { message: 'url: must be a string' }))
      } else if (given.auth === false) {
        sendBare(task)
      } else if (core && !held.length) {
        start(task)
      } else {
        keepHeader(task)
        withCore(() => task.isDone || start(task), (error) => task.isDone || task.failLater(error))
      }
      return task
    },

    login(given?: { force?: boolean }): Promise<void> {
      return new Promise((resolve, reject) => withCore(() => {
        const settled = (outcome: number, retryAfter: number) =>
          outcome === GO ? resolve() : reject(failure(outcome, retryAfter))
        ;(core as Core).want(ticket(settled), true, Object(given).force === true)
      }, reject))
    },

    logout(): Promise<void> {
      return new Promise((resolve) => withCore(() => {
        const mine = endings = []
        ;(core as Core).leave()
        // Inside a callback the core may come to it only when that has returned.
        Promise.resolve().then(() => Promise.all(mine)).then(() => resolve())
      }, () => {
        hasLeft = true
        host.forget()
        resolve()
      }))
    },

    get state(): SessionState {
      return state
    },

    onChange(listener: (state: SessionState) => void): () => void {
      const entry: typeof listeners[0] = [listener]
      listeners = listeners.concat([entry])
      return () => {
        listeners = listeners.filter((other) => other !== entry)
      }
    },
  }
}
