import type { SessionErrorCause, SessionErrorCode, SessionTrace } from '../index'
import { text } from './answer'
import { wrong } from './arguments'
import type { Call, Owner } from './call'
import { CODES, Outcome, Want } from './codes'
import type { Core } from './core'
import { SessionError } from './error'
import type { Gate } from './gate'
import type { WxHost } from './host'
import type { NativeCall } from './native-call'
import type { Settings } from './options'
import { originOf } from './origin'
import { run, tell } from './run'
import type { Stored } from './stored'

type Settled = (outcome: number, retryAfter: number) => void

/** Sends calls with the session, and asks the core for every decision. */
export class Sending implements Owner {
  private lastTicket = 0
  private readonly waiting = new Map<number, Settled>()
  /** The origins that the session may go to, once a URL was compared with them. */
  private origins: string[] | undefined
  /** The other origins that refused a call, each of which the console names once. */
  private readonly named: string[] = []
  /** The start of URLs that carry the session, up to the path: that of the last such URL. */
  private trusted: string

  constructor(
    readonly settings: Settings,
    private readonly host: WxHost,
    private readonly core: Core,
    private readonly gate: Gate,
  ) {
    this.trusted = settings.baseUrl + '/'
  }

  /** The core has decided about a ticket. */
  decided(ticket: number, outcome: number, retryAfter: number): void {
    const settled = this.waiting.get(ticket)
    if (settled) {
      this.waiting.delete(ticket)
      // An exception must not pass through the core, which would be left in the middle of its work.
      run(() => settled(outcome, retryAfter), undefined)
    }
  }

  /** Signs in; with credentials, if there are any, as an attempt of its own. */
  login(
    isForced: boolean,
    credentials: (() => object) | undefined,
    done: () => void,
    failed: (error: SessionError) => void,
  ): void {
    const { host } = this
    const ticket = this.ticket((outcome, retryAfter) => {
      // They go with the posts of this sign-in, and nowhere else.
      delete host.credentials[ticket]
      if (outcome === Outcome.Deliver) {
        this.login(isForced, credentials, done, failed)
      } else {
        outcome === Outcome.Go ? done() : failed(this.failure(outcome, retryAfter, credentials))
      }
    })
    host.credentials[ticket] = credentials
    this.core.want(ticket, credentials ? Want.Attempt : isForced ? Want.NewLogin : Want.Login)
  }

  /** Whether a call carries the session. Only the origin counts, and mostly it is that of the last call. */
  carries(url: string): boolean {
    if (url.startsWith(this.trusted)) {
      return true
    }
    const { loginUrl, baseUrl, origins } = this.settings
    this.origins = this.origins || origins.concat(loginUrl, baseUrl).map(originOf)
    const isTrusted = this.origins.indexOf(originOf(url)) >= 0
    const path = url.indexOf('/', 8) + 1
    if (isTrusted && path) {
      this.trusted = url.slice(0, path)
    }
    return isTrusted
  }

  /** Sends a call as soon as the core is loaded. */
  enter(call: Call, want: Want): void {
    if (!this.gate.isOpen) {
      call.hold()
      this.trace(call, 'wait', 'loading')
    }
    this.gate.enter(
      () => call.isDone || this.start(call, want),
      (error) => call.isDone || call.failLater(error),
    )
  }

  /** Sends a call at once or as soon as there is a session. */
  start(call: Call, want: Want): void {
    const session = this.core.admitted()
    if (session) {
      this.send(call, session)
    } else {
      call.hold()
      this.trace(call, 'wait')
      call.ticket = this.expect(call, undefined, want)
      this.core.want(call.ticket, want)
    }
  }

  /** Tells a host that listens, such as a traced one, what it could not see. */
  trace(call: Call, what: SessionTrace['what'], why?: string): void {
    tell(this.settings.host, 'trace', { what, url: call.url, why })
  }

  sendBare(call: Call, why: SessionTrace['why']): void {
    this.trace(call, 'bare', why)
    call.isForeign = why === 'origin'
    // A host may send the call again, as the drop-ins' do.
    call.keep()
    call.dispatch('')
  }

  drop(call: Call): void {
    // The core may still settle the ticket, and nobody hears of it.
    this.waiting.delete(call.ticket)
  }

  /** One close code refuses the session. The reason may name the problem. */
  closed(socket: Call, { code, reason }: { code?: unknown; reason?: unknown }): void {
    // By Douyin's types the code may be a string.
    const { refusalCloseCode } = this.settings
    if ([refusalCloseCode, refusalCloseCode + ''].indexOf(code as any) >= 0 && socket.sends) {
      this.gate.enter(
        () => this.core.refusedOneShot(socket.generation, text(reason)),
        () => {},
      )
    }
  }

  /** Sends a call with the session that stands. */
  send(call: Call, { id }: Stored): void {
    call.generation = this.core.generation
    call.sends++
    call.dispatch(id)
  }

  /** A program that means its own server, by another name, gets no session there and has to hear of it. */
  answeredBare(call: Call, answer: unknown, native: NativeCall): void {
    const origin: any = call.isForeign && (native.refuses(answer) || this.isLikeRefusal(answer)) && originOf(call.url)
    if (origin && this.named.indexOf(origin) < 0) {
      this.named.push(origin)
      // The origin as the call has it. Its URL may hold secrets.
      console.warn(
        'wxsession: ' + call.url.split('/', 3).join('/') + ' got no session and was refused: add it to origins',
      )
    }
    call.succeed(answer)
  }

  /** Whether the app would take an answer of its own server for a refusal. Answers of others may be of any form. */
  private isLikeRefusal(answer: any): any {
    const { refusal } = this.settings
    try {
      return refusal && refusal(answer)
    } catch (error) {
      return undefined
    }
  }

  answered(call: Call, answer: unknown, native: NativeCall): void {
    const { refusal } = this.settings
    const said = refusal ? run(refusal, answer) : native.refuses(answer)
    const isRefused = said === true || text(said)
    if (said && !isRefused) {
      console.error(wrong('refusal', 'must return true or a code'))
    }
    const name = isRefused ? text(said) || native.problem(answer) : ''
    // The app's `refusal` may have aborted the call. Wrong credentials that the call brought say nothing about the session.
    if (!isRefused || call.isDone || /^(cred|chal)/.test(name)) {
      call.succeed(answer)
      return
    }
    this.refused(call, answer, native, name)
  }

  private refused(call: Call, answer: unknown, native: NativeCall, name: string): void {
    this.trace(call, 'refused', name)
    // A kept session may be refused before the core is loaded. If the core cannot be loaded, the caller gets the answer.
    this.gate.enter(
      () => {
        if (call.isDone) {
          return
        }
        if (native.hasPassed) {
          this.core.refusedOneShot(call.generation, name)
          call.succeed(answer)
        } else {
          call.ticket = this.expect(call, answer)
          this.core.refused(call.ticket, call.generation, call.sends, name)
        }
      },
      () => call.isDone || call.succeed(answer),
    )
  }

  private ticket(settled: Settled): number {
    this.waiting.set(++this.lastTicket, settled)
    return this.lastTicket
  }

  /** Makes a ticket for a call. `answer` is the refusal to deliver, if there is one. */
  private expect(call: Call, answer?: unknown, want?: Want): number {
    return this.ticket((outcome, retryAfter) => {
      if (outcome === Outcome.Go) {
        if (answer) {
          this.trace(call, 'resend')
        }
        this.send(call, this.core.session())
      } else if (outcome === Outcome.Deliver) {
        answer ? call.succeed(answer) : this.start(call, want as Want)
      } else if (call.options.auth === 'optional') {
        if (call.sends) {
          delete call.options.header[this.settings.sessionName]
        }
        this.sendBare(call, 'optional')
      } else {
        call.failLater(this.failure(outcome, retryAfter))
      }
    })
  }

  /** A failure of an attempt is nobody else's, and has the name that the server gives it. */
  private failure(outcome: number, retryAfter: number, isAttempt?: unknown): SessionError {
    const { host } = this
    const [code, , isOfSignIn] = CODES[outcome] as readonly [SessionErrorCode, string, 1?]
    let cause: SessionErrorCause | undefined
    let message: string | undefined
    let named: string | undefined
    if (isOfSignIn) {
      cause = isAttempt ? host.cause : host.sharedCause
      message = (code === 'bad_answer' && host.fault) as string
      if (!isAttempt) {
        host.code = code
      } else if (code === 'exchange_rejected') {
        named = host.named
      }
    } else if (code === 'sign_in_paused') {
      cause = Object.assign({ code: host.code }, host.sharedCause)
    }
    // If the server answered, wx's own message says "ok".
    const { errMsg, errno } = isOfSignIn && cause && !cause.statusCode ? cause : ({} as SessionErrorCause)
    const error = new SessionError(code, { message, errMsg, errno, cause, retryAfter: retryAfter || undefined })
    return named ? Object.assign(error, { code: named }) : error
  }
}
