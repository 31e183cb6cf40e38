import type * as declared from '../index'
import type { CODES } from './codes'
import { SessionError } from './error'
import { createSession } from './session'

type Code = (typeof CODES)[number][0]

export { createSession, SessionError }

// What index.d.ts declares by hand is what is here: the functions, and every code of the table and no other.
const _: typeof declared = { createSession, SessionError }
type Same<A, B> = [A, B] extends [B, A] ? true : never
const areTheSame: Same<Code, declared.SessionErrorCode> = true
void [_, areTheSame]
