import type { Errand, Want } from './codes'

/**
 * The exports of an instance of the module, as src/wasm/core.rs has them. Each session has its own. Only numbers cross: a session id and a login code have the
 * numbers that `Core` gives them, and a problem has that of the error code of its name. The package build replaces these
 * names by the module's short ones.
 */
export interface Module {
  /** Begins with what storage kept: a session, or the number of the code that it ended with. */
  wasm_start(
    loginTimeout: number,
    loginDataTimeout: number,
    exchangeTimeout: number,
    id: number,
    received: number,
    lifetime: number,
    ended: number,
    presents: boolean,
    leaves: boolean,
  ): void
  /** Tells the time of the calls to come, and a number from 0 to 1. */
  wasm_at(now: number, random: number): void
  /** Takes the next errand, or returns -1. */
  wasm_next(): Errand | -1
  /** An argument of the errand that was taken last: the first is number 0. */
  wasm_argument(place: number): number
  /** The generation of the session that a call may be sent with at once, or 0. */
  wasm_admit(): number
  wasm_generation(): number
  wasm_id(): number
  wasm_want(ticket: number, want: Want): void
  wasm_refused(ticket: number, generation: number, sends: number, problem: number): void
  wasm_refused_one_shot(generation: number, problem: number): void
  wasm_leave(): void
  wasm_coded(step: number, code: number): void
  wasm_prepared(step: number, isReady: boolean): void
  wasm_answered(step: number, status: number, id: number, lifetime: number, problem: number, retryAfter: number): void
  wasm_elapsed(step: number): void
}
