import type { Errand, Want } from './codes'

/**
 * The exports of the module, as src/wasm/core.rs has them. Only numbers cross: a session id and a login code have the
 * numbers that `Core` gives them, and a problem has that of the error code of its name. The package build replaces these
 * names by the module's short ones.
 */
export interface Module {
  /** Makes a core and returns its number. */
  wasm_make(
    loginTimeout: number,
    loginDataTimeout: number,
    exchangeTimeout: number,
    id: number,
    received: number,
    lifetime: number,
  ): number
  wasm_present_nothing(core: number): void
  /** Tells the time of the calls to come, and a number from 0 to 1. */
  wasm_at(now: number, random: number): void
  /** Takes the next errand, or returns -1. */
  wasm_next(core: number): Errand | -1
  /** An argument of the errand that was taken last: the first is number 0. */
  wasm_argument(place: number): number
  wasm_start(core: number): void
  /** The generation of the session that a call may be sent with at once, or 0. */
  wasm_admit(core: number): number
  wasm_generation(core: number): number
  wasm_id(core: number): number
  wasm_want(core: number, ticket: number, want: Want): void
  wasm_refused(core: number, ticket: number, generation: number, sends: number, problem: number): void
  wasm_refused_one_shot(core: number, generation: number, problem: number): void
  wasm_leave(core: number): void
  wasm_coded(core: number, step: number, code: number): void
  wasm_prepared(core: number, step: number, isReady: boolean): void
  wasm_answered(
    core: number,
    step: number,
    status: number,
    id: number,
    lifetime: number,
    problem: number,
    retryAfter: number,
  ): void
  wasm_elapsed(core: number, step: number): void
}
