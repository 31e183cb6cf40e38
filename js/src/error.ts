import type { SessionErrorCause, SessionErrorCode } from '../index'
import { CODES } from './codes'

/** What a failure has besides its code. */
interface Detail {
  message?: string
  errMsg?: string
  errno?: number
  cause?: SessionErrorCause | undefined
  retryAfter?: number
}

/** Every failure that leaves this package. */
export class SessionError extends Error {
  readonly code: SessionErrorCode
  readonly errMsg: string
  readonly errno?: number
  readonly cause?: SessionErrorCause
  readonly problem?: any
  readonly retryAfter?: number

  constructor(code: SessionErrorCode, detail: Detail = {}) {
    const message = (CODES.find((entry) => entry[0] === code) as readonly string[])[1] as string
    super(detail.message || message)
    this.code = code
    this.errMsg = detail.errMsg || 'session:fail ' + code
    this.errno = detail.errno
    this.cause = detail.cause
    this.problem = detail.cause && detail.cause.problem
    this.retryAfter = detail.retryAfter
  }
}

// On the prototype, because an assignment fails where WeChat has made `Error.prototype` read-only, as for plugins.
Object.defineProperty(SessionError.prototype, 'name', { value: 'SessionError' })

/** Texts that no error may repeat. Anything else among them counts for nothing. */
export type Secrets = unknown[]

/** The part of a value from wx or a server that an error may carry, without the secrets that the value may repeat. */
export function redact(given: unknown, secrets: Secrets): SessionErrorCause {
  try {
    const { errMsg, message, errno, errNo, statusCode } = Object(given)
    const text = [given, errMsg, message].find((value) => typeof value === 'string') as string | undefined
    return {
      errMsg: text && without(secrets, text),
      errno: [errno, errNo].find((value) => typeof value === 'number'),
      statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    }
  } catch (error) {
    // A property throws when it is read.
    return {}
  }
}

/** Takes secrets out of a text. */
export function without(secrets: Secrets, text: string): string {
  for (const secret of secrets) {
    if (secret && typeof secret === 'string') {
      // Matches each character as it is or as a URL escapes it: hosts differ in what they escape, and how. Where both
      // are the same there is only one alternative, or a long text would take for ever.
      const form = secret.replace(/\W/gu, (given) => {
        const escaped = encodeURIComponent(given)
        return escaped === given ? '\\' + given : '(' + escaped + '|\\' + given + ')'
      })
      text = text.replace(RegExp(form, 'gi'), '***')
    }
  }
  return text
}
