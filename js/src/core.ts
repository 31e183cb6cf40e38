import { CODES, Errand, Reply, type Want } from './codes'
import type { Settings } from './options'
import type { Module } from './module'
import { type Kept, type Stored, isLive, session } from './stored'

/** What the core needs from the mini program. Nothing here may throw. */
export interface Host {
  keep(session: Stored | undefined, ended: number): void
  changed(phase: number): void
  end(id: string): void
  sleep(step: number, milliseconds: number): void
  /** For this attempt, or for none. */
  askCode(step: number, attempt: number): void
  prepare(step: number, code: string): void
  post(step: number, code: string, presented?: string): void
  withdraw(step: number): void
  settle(ticket: number, outcome: number, retryAfter: number): void
}

/**
 * The core, which takes every decision about sessions. The module knows a session id and a login code by numbers only; the
 * texts stay here.
 */
export class Core {
  /** The generation of `standing`. */
  generation = 0
  private module: Module | undefined
  /** The sessions that the core may still name. */
  private sessions: { [number: number]: Stored | undefined } = {}
  /** The number given last, and that of the session that stood last. */
  private lastNumber = 0
  private last = 0
  /** The codes of the sign-in in progress, by the step that asked for them. */
  private codes: { [step: number]: string } = {}
  private isRunning = false
  /** What the core said last. It holds until the core is told of anything. */
  private isAdmitted = false
  private standing: Stored | undefined
  /** What the session ended with before this start, or 0. */
  private ended = 0

  constructor(
    private readonly settings: Settings,
    private readonly host: Host,
  ) {}

  /** Lets calls go with a kept session before the module is loaded, as the core will. */
  restore({ session, ended }: Kept): void {
    this.ended = ended
    if (session) {
      this.last = this.lastNumber = 1
      this.sessions[1] = this.standing = session
      this.generation = 1
      this.isAdmitted = true
    }
  }

  /** The module is loaded. `leaves` if the app has signed out meanwhile. */
  start(module: Module, leaves: boolean): void {
    const { loginTimeout, loginDataTimeout, exchangeTimeout, sessionName } = this.settings
    const { received = 0, lifetime = 0 } = this.sessions[this.last] || {}
    // Servers judge these headers before they look at the route, so an expired session would have every sign-in refused.
    const presents = /^(?!authorization$|cookie$)/i.test(sessionName)
    this.module = module
    this.tell(() =>
      module.wasm_start(
        loginTimeout,
        loginDataTimeout,
        exchangeTimeout,
        this.last,
        received,
        lifetime,
        this.ended,
        presents,
        leaves,
      ),
    )
  }

  /** The session with which a call may be sent at once, if one may. Every request with a live session takes this path. */
  admitted(): Stored | undefined {
    const now = Date.now()
    const { module } = this
    if (!this.isAdmitted && module) {
      module.wasm_at(now, 0)
      this.isAdmitted = module.wasm_admit() > 0
    }
    const session = this.isAdmitted ? this.standing || this.session() : undefined
    return session && isLive(session, now) ? session : undefined
  }

  /** The session that stands. */
  session(): Stored {
    if (!this.standing) {
      const module = this.module as Module
      this.standing = this.sessions[module.wasm_id()]
      this.generation = module.wasm_generation()
    }
    return this.standing as Stored
  }

  want(ticket: number, want: Want): void {
    this.tell((module) => module.wasm_want(ticket, want))
  }

  refused(ticket: number, generation: number, sends: number, problem: string): void {
    this.tell((module) => module.wasm_refused(ticket, generation, sends, numberOf(problem)))
  }

  refusedOneShot(generation: number, problem: string): void {
    this.tell((module) => module.wasm_refused_one_shot(generation, numberOf(problem)))
  }

  leave(): void {
    this.tell((module) => module.wasm_leave())
  }

  /** An empty code means failure. */
  coded(step: number, code: string): void {
    // A second answer to the same step must not replace the code in use.
    this.codes[step] = this.codes[step] || code
    this.tell((module) => module.wasm_coded(step, code ? step : 0))
  }

  prepared(step: number, isReady: boolean): void {
    this.tell((module) => module.wasm_prepared(step, isReady))
  }

  /** Times are in milliseconds. A missing number is NaN. */
  answered(step: number, status: number, id: unknown, lifetime: number, problem: string, retryAfter: number): void {
    const issued = session(this.settings.loginUrl, id, Date.now(), lifetime)
    this.tell((module) =>
      module.wasm_answered(
        step,
        status,
        issued ? this.numbered(issued) : 0,
        issued ? issued.lifetime : 0,
        numberOf(problem),
        retryAfter,
      ),
    )
  }

  unanswered(step: number, reply: Reply): void {
    this.tell((module) => module.wasm_answered(step, reply, 0, 0, 0, 0))
  }

  elapsed(step: number): void {
    this.tell((module) => module.wasm_elapsed(step))
  }

  /** Tells the core of something and runs the errands that follow, unless a caller further up the stack already does. */
  private tell(event: (module: Module) => void): void {
    const module = this.module as Module
    module.wasm_at(Date.now(), Math.random())
    event(module)
    this.doubt()
    if (this.isRunning) {
      return
    }
    this.isRunning = true
    let errand: Errand | -1
    while ((errand = module.wasm_next()) >= 0) {
      this.doubt()
      this.perform(errand as Errand, module.wasm_argument(0), module.wasm_argument(1), module.wasm_argument(2))
    }
    this.isRunning = false
    // The core knows no other session now.
    this.sessions = { [this.last]: this.sessions[this.last] }
  }

  private perform(errand: Errand, first: number, second: number, third: number): void {
    const { host } = this
    switch (errand) {
      case Errand.Keep:
        this.last = first || this.last
        host.keep(this.sessions[first], second)
        break
      case Errand.Changed:
        host.changed(first)
        break
      case Errand.End:
        host.end(this.id(first) as string)
        break
      case Errand.Sleep:
        host.sleep(first, second)
        break
      case Errand.AskCode:
        this.codes = {}
        host.askCode(first, second)
        break
      case Errand.Prepare:
        host.prepare(first, this.codes[second] as string)
        break
      case Errand.Post:
        host.post(first, this.codes[second] as string, this.id(third))
        break
      case Errand.Withdraw:
        host.withdraw(first)
        break
      case Errand.Settle:
        host.settle(first, second, third)
    }
  }

  private id(number: number): string | undefined {
    const session = this.sessions[number]
    return session && session.id
  }

  /** The number of a session: that of the session that stood last if it is the same, otherwise a new one. */
  private numbered(session: Stored): number {
    const number = this.id(this.last) === session.id ? this.last : ++this.lastNumber
    this.sessions[number] = session
    return number
  }

  private doubt(): void {
    this.isAdmitted = false
    this.standing = undefined
  }
}

/** The number of the code that a problem leads to, or -1. A server whose WeChat or store is away says that it is busy. */
export function numberOf(problem: string): number {
  const name = /^(wechat_|store_|server_b)/.test(problem) ? 'server_unavailable' : problem
  return CODES.findIndex((entry) => entry[0] === name)
}
