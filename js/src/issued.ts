import { body, number, text } from './answer'
import { LONGEST_ID, isId } from './stored'
import { numberOf } from './core'
import type { Settings } from './options'

/** What the answer to a sign-in says of the session. */
export interface Issued {
  id?: unknown
  /** Milliseconds; NaN if the answer names no deadline. */
  lifetime: number
  /** The problem that `readSession` names. */
  name?: string
  /** What is wrong with the session, if something is that the app can mend. */
  fault?: string | undefined
  /** The exception of `readSession`. It may repeat the session. */
  thrown?: unknown
}

/** Reads the session in the answer to a sign-in. Nothing here throws. */
export function issued(answer: any, { readSession }: Settings): Issued {
  try {
    const read: any = readSession ? readSession(answer) : body(answer)
    const { sessionid: id, expires_in, problem, then } = Object(read)
    if (then || (read && Object(read) !== read)) {
      return { lifetime: NaN, fault: `readSession: must return { sessionid }, not a ${then ? 'promise' : typeof read}` }
    }
    // Without `readSession`, the body names its problem like any other answer.
    // Some servers write their numbers as text.
    const seconds = number(text(expires_in) ? +expires_in : expires_in)
    const named = readSession && problem
    const unknown = named && numberOf(named) < 0 ? 'readSession: unknown problem' : undefined
    return { id, lifetime: seconds * 1000, name: text(named), fault: fault(id) || unknown }
  } catch (thrown) {
    return { lifetime: NaN, fault: 'readSession threw: see cause', thrown }
  }
}

/** What is wrong with an id that is there but cannot be used. */
function fault(id: any): string | undefined {
  if (isId(id) || id === undefined || id === null || id === '') {
    return undefined
  }
  return (
    'sessionid: ' +
    (typeof id !== 'string'
      ? 'must be a string'
      : id.length > LONGEST_ID
        ? 'longer than 4096'
        : 'no header can carry it')
  )
}
