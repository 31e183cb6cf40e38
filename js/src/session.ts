import { Core } from 'wxsession-glue'
import type { Session, SessionOptions, SessionRequestOption, SessionState } from '../index'
import { number, problem, text } from './answer'
import { CODES } from './codes'
import { SessionError } from './error'
import { WxHost } from './host'
import { load } from './load'
import { settle } from './options'
import { Task, run } from './task'

/** In the order of the core's phases. */
const STATES: SessionState[] = ['signed-out', 'signing-in', 'signed-in', 'ended']
/** Outcomes of a ticket that are no failure. */
const GO = -1
const DELIVER = -2

const keysInUse: { [key: string]: true } = Object.create(null)

export function createSession(options: SessionOptions): Session {
  const settings = settle(options)
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
  let listeners: ((state: SessionState) => void)[] = []
  let endings: Promise<void>[] = []

  const host = new WxHost(
    settings,
    (ticket, outcome, retryAfter) => {
      const settled = waiting.get(ticket)
      if (settled) {
        waiting.delete(ticket)
        settled(outcome, retryAfter)
      }
    },
    (phase) => {
      state = STATES[phase] as SessionState
      if (state !== 'signing-in') {
        host.rest()
      }
      listeners.forEach((listener) => run(listener, state))
    },
    (end) => {
      endings.push(end)
    },
  )

  /** Runs `go` with the core, at once if it is loaded. */
  function withCore(go: () => void, fail: (error: SessionError) => void): void {
    if (core) {
      go()
      return
    }
    held.push([go, fail])
    if (isLoading) {
      return
    }
    isLoading = true
    const { wasmPath, loadTimeout, loginUrl, loginTimeout, exchangeTimeout, baseUrl, origins } = settings
    load(wasmPath, loadTimeout).then(() => {
      const stored = host.load()
      core = host.core = new Core(
        host,
        loginUrl,
        loginTimeout,
        exchangeTimeout,
        number(stored.version),
        text(stored.loginUrl),
        text(stored.id),
        number(stored.received),
        number(stored.lifetime),
      )
      for (const url of origins.concat(baseUrl)) {
        core.trust(url)
      }
      if (hasLeft) {
        core.leave()
      }
      core.start()
    }).then(() => release(([go]) => go()), (error) => release(([, fail]) => fail(error)))
  }

  function release(each: (call: typeof held[0]) => void): void {
    isLoading = false
    const calls = held
    held = []
    calls.forEach(each)
  }

  /** A ticket that the core will settle. */
  function ticket(settled: (outcome: number, retryAfter: number) => void): number {
    waiting.set(++lastTicket, settled)
    return lastTicket
  }

  function failure(outcome: number, retryAfter: number): SessionError {
    const entry = CODES[outcome] as typeof CODES[0]
    return new SessionError(entry[0], { cause: host.cause, retryAfter: retryAfter || undefined })
  }

  /** Whether a call carries the session. Up to its path a URL says all that counts, and mostly the same as the last one. */
  function carries(url: string): boolean {
    const end = url.indexOf('/', 8)
    const origin = end < 0 ? url : url.slice(0, end)
    if (origin !== lastOrigin) {
      lastOrigin = origin
      isTrusted = (core as Core).carries(origin)
    }
    return isTrusted
  }

  function start(task: Task, options: SessionRequestOption): void {
    if (!carries(task.url)) {
      sendBare(task)
      return
    }
    const admitted = (core as Core).admit(Date.now())
    if (admitted) {
      send(task, options, admitted)
    } else {
      task.ticket = expect(task, options)
      ;(core as Core).want(task.ticket, false, false)
    }
  }

  function sendBare(task: Task): void {
    task.send(undefined, '', (answer) => task.succeed(answer))
  }

  /** Sends with the session of this generation, which is the one that stands. */
  function send(task: Task, options: SessionRequestOption, current: number): void {
    if (current !== generation) {
      id = (core as Core).id() as string
      generation = current
    }
    const name = settings.sessionHeader
    const header: { [name: string]: unknown } = {}
    const given: { [name: string]: unknown } = options.header || {}
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
      if ((status < 400 && task.sends === 1) || !isRefused(task, options, current, status, answer)) {
        task.succeed(answer)
      }
    })
  }

  function isRefused(task: Task, options: SessionRequestOption, current: number, status: number, answer: unknown): boolean {
    const isSecond = task.sends > 1
    task.ticket = expect(task, options, answer)
    const isHeld = (core as Core).refused(task.ticket, current, isSecond, status, problem(answer))
    if (!isHeld) {
      waiting.delete(task.ticket)
      task.ticket = 0
    }
    return isHeld
  }

  /** A ticket for a call; `answer` is the refusal that it holds, if any. */
  function expect(task: Task, options: SessionRequestOption, answer?: unknown): number {
    return ticket((outcome, retryAfter) => {
      task.ticket = 0
      if (outcome === GO) {
        send(task, options, (core as Core).generation())
      } else if (outcome === DELIVER) {
        task.succeed(answer)
      } else {
        task.failLater(failure(outcome, retryAfter))
      }
    })
  }

  function leave(task: Task): void {
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
      const task = new Task(isRelative ? settings.baseUrl + given.url : given.url, given, leave)
      if (!isText) {
        task.failLater(new SessionError('invalid_option', { message: 'url: must be a string that is not empty' }))
      } else if (given.auth === false) {
        sendBare(task)
      } else if (core) {
        start(task, given)
      } else {
        withCore(() => task.isDone || start(task, given), (error) => task.isDone || task.failLater(error))
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
        endings = []
        ;(core as Core).leave()
        Promise.all(endings).then(() => resolve())
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
      listeners = listeners.concat(listener)
      return () => {
        listeners = listeners.filter((other) => other !== listener)
      }
    },
  }
}
