import type * as declared from '../index'
import type { CODES } from './codes'
import { SessionError } from './error'
import { createSession } from './session'

type Code = (typeof CODES)[number][0]

export { createSession, SessionError }

// Holds index.d.ts, which is written by hand, to this file: the functions, and exactly the codes of the table.
const _: typeof declared = { createSession, SessionError }
type Same<A, B> = [A, B] extends [B, A] ? true : never
const areTheSame: Same<Code, declared.SessionErrorCode> = true
void [_, areTheSame]
