import { ENDINGS, ENDING_VERSION, STORED_VERSION } from './codes'
import { number } from './answer'

/** A session in the form in which storage keeps it. */
export interface Stored {
  version: number
  /** The URL that issued the session. A program that changes its server must not send the session there. */
  loginUrl: string
  id: string
  /** When the session arrived, in milliseconds since 1970. */
  received: number
  /** Milliseconds from then to the deadline; zero if the server named none. */
  lifetime: number
}

/** In characters. Servers accept about 8 kB for all headers together. */
export const LONGEST_ID = 4096

/** An id that a header can carry. `Bearer …` has a space inside; headers lose spaces at either end. */
const ID = /^(?! )[ -~]{0,4095}[!-~]$/

/** Whether a value is an id that a header can carry. */
export const isId = (id: unknown): id is string => typeof id === 'string' && ID.test(id)

/** The session with this id, if it is one. Anything but a positive lifetime means "until refused". */
export function session(loginUrl: string, id: unknown, received: unknown, lifetime: unknown): Stored | undefined {
  return isId(id)
    ? {
        version: STORED_VERSION,
        loginUrl,
        id,
        received: number(received) || 0,
        // A deadline less than a millisecond away is still a deadline.
        lifetime: Math.ceil(Math.max(0, number(lifetime))) || 0,
      }
    : undefined
}

/** What outlasts a restart: a session, or the number of the code that it ended with, so that only a login signs in. */
export interface Kept {
  session?: Stored | undefined
  ended: number
}

/** What storage kept, if it is of this login URL. */
export function restored(kept: unknown, loginUrl: string): Kept {
  const { version, loginUrl: issuer, id, received, lifetime, ended } = Object(kept)
  const isOf = (expected: number) => version === expected && issuer === loginUrl
  return {
    session: isOf(STORED_VERSION) ? session(loginUrl, id, received, lifetime) : undefined,
    ended: isOf(ENDING_VERSION) && ENDINGS.indexOf(ended) >= 0 ? ended : 0,
  }
}

/**
 * Whether a session may be used now: the rule of `Session::is_live` in src/session.rs, with which a kept session goes out
 * before the core is loaded. tests/tables/kept.json has cases that both are held to.
 */
export function isLive({ received, lifetime }: Stored, now: number): boolean {
  return !lifetime || (now >= received && now < received + lifetime)
}
