import { REFUSAL_STATUS } from './codes'
import { number, problem, read, statusOf } from './answer'
import { tell } from './run'

/** What wx reports of an answer before its end. */
export const HEADERS = 'HeadersReceived'
const CHUNK = 'ChunkReceived'
/** Bytes of chunks that are held until it is known whether their answer refuses the session. */
const HELD = 65536

type Event = [event: string, value: unknown]

/** Shared by all calls that listen to nothing, which are most. */
export const NONE: any[] = []

/** The app's call, for which a native call is made. */
export interface Caller {
  readonly isDone: boolean
  happened(event: string, value: unknown): void
}

/** One call of wx, with or without a session. As in `Call`, the prototype has the values that most calls never change. */
export class NativeCall {
  /** wx's task, while the call is in progress. */
  declare task: any
  /** Whether the call is over. wx may still call back, late or twice, but that no longer counts. */
  declare isOver: boolean
  /** Whether the app has had a part of the answer, so that it is too late to send the call again. */
  declare hasPassed: boolean
  /** The headers, if wx reported them before the answer. */
  declare headers: unknown
  /** The events that wx reports. */
  declare private heard: string[]
  /** Events of an answer that may be a refusal; `undefined` once they pass. */
  declare held: Event[] | undefined
  declare private bytes: number
  /** Whether wx has reported no status yet. */
  declare private isBlind: boolean
  /** Whether the headers had the status of a refusal, so that all chunks are held, however many come. */
  declare private isRefused: boolean

  constructor(
    readonly session: string,
    private readonly caller: Caller,
  ) {}

  /** Subscribes to an event of wx's task, once. */
  hear(event: string): void {
    if (event === CHUNK) {
      this.hear(HEADERS)
    }
    if (this.task && this.heard.indexOf(event) < 0) {
      this.heard = this.heard.concat(event)
      tell(this.task, 'on' + event, (value: unknown) => this.isOver || this.happened(event, value))
    }
  }

  /** Passes the held events on. */
  passOn(): void {
    const { held } = this
    this.held = undefined
    if (held) {
      // A listener may abort the call.
      held.forEach((entry) => this.caller.isDone || this.caller.happened(entry[0], entry[1]))
    }
  }

  /** Whether the status is that of a refusal. Where an end has none, as of chunked answers in WeChat for Mac, that of the headers counts. */
  refuses(answer: unknown): boolean {
    return (statusOf(answer) || statusOf(this.headers)) === REFUSAL_STATUS
  }

  /** The problem that the answer names, wherever that is: at its end, in its headers, or in the chunks that are held. */
  problem(answer: unknown): string {
    return problem(answer) || problem(this.headers) || problem({ data: (this.held || NONE).map(chunkOf).join('') })
  }

  end(): void {
    this.isOver = true
    this.task = undefined
  }

  /** Holds headers and chunks until it is known that their answer is no refusal. */
  private happened(event: string, value: unknown): void {
    const status = statusOf(value)
    if (event === HEADERS) {
      this.headers = value
      this.isBlind = isNaN(status)
      this.isRefused = status === REFUSAL_STATUS
    }
    if (!this.session || !this.held || (event !== HEADERS && event !== CHUNK)) {
      this.hasPassed = this.hasPassed || event === CHUNK
      this.caller.happened(event, value)
      return
    }
    if (event === CHUNK) {
      this.bytes += number(Object(Object(value).data).byteLength) || 0
      this.hasPassed = this.isBlind || (this.bytes > HELD && !this.isRefused)
    }
    if (this.bytes <= HELD || this.hasPassed) {
      this.held = this.held.concat([[event, value]])
    }
    if (status < 400 || this.hasPassed) {
      this.passOn()
    }
  }
}

Object.assign(NativeCall.prototype, {
  task: undefined,
  isOver: false,
  heard: NONE,
  held: NONE,
  bytes: 0,
  isBlind: true,
})

function chunkOf([, value]: Event): string {
  try {
    return read((value as any).data)
  } catch (error) {
    // The event is that of the headers, or no event at all.
    return ''
  }
}
