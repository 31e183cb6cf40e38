// Checks what the app passes to a session's methods.
import { copyOf, keep } from './body'
import { SessionError } from './error'
import { nearest } from './nearest'

/** Options of calls. wx may have others. */
const KNOWN = ['url', 'auth', 'header', 'method', 'timeout', 'success', 'complete', 'filePath', 'formData']

/** The error for a wrong argument or option. */
export function wrong(name: string, remedy: string): SessionError {
  return new SessionError('invalid_option', { message: name + ': ' + remedy })
}

/** The error for a name that is nearly one of these, if it is. */
export function misspelt(given: object, names: string[]): SessionError | undefined {
  for (const name of Object.keys(given)) {
    const likely = names.indexOf(name) < 0 && nearest(name, names)
    if (likely) {
      return wrong(name, 'unknown; did you mean ' + likely)
    }
  }
  return undefined
}

/** Tells the developer of a misspelt option. It is no failure, because wx may know the option. */
export function hint(options: any): void {
  const { auth = true } = options
  const isKnown = typeof auth === 'boolean' || auth === 'optional'
  const error = isKnown ? misspelt(options, KNOWN) : wrong('auth', 'must be true, false or optional')
  if (error) {
    console.error(error)
  }
}

/** The credentials that `login()` was called with, as they are now, or nothing. */
export function credentialsIn(given: any): (() => object) | undefined {
  if (Object(given).method === undefined) {
    return undefined
  }
  const fields = copyOf(given)
  delete fields.force
  return keep(fields)
}

/** Whether `login()` has to sign in anew. Throws if it was called with anything but its options. */
export function isForced(given: unknown): boolean {
  const options = Object(given)
  const { force = false, method } = options
  const error =
    given && options !== given
      ? wrong('login', 'must be called with an object')
      : typeof force !== 'boolean'
        ? wrong('force', 'must be true or false')
        : method === undefined
          ? misspelt(options, ['force'])
          : typeof method !== 'string' && wrong('method', 'must be a string')
  if (error) {
    throw error
  }
  return force
}
