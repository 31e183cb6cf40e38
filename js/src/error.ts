import type { SessionErrorCause, SessionErrorCode } from '../index'
import { CODES } from './codes'

/** What a failure is known by besides its code. */
interface Detail {
  message?: string
  errMsg?: string
  errno?: number
  cause?: SessionErrorCause
  retryAfter?: number
}

/** Every failure that leaves this package. */
export class SessionError extends Error {
  readonly code: SessionErrorCode
  readonly errMsg: string
  readonly errno?: number
  readonly cause?: SessionErrorCause
  readonly retryAfter?: number

  constructor(code: SessionErrorCode, detail: Detail = {}) {
    const message = (CODES.find((entry) => entry[0] === code) as readonly string[])[1] as string
    super(detail.message || message)
    this.name = 'SessionError'
    this.code = code
    this.errMsg = detail.errMsg || 'session:fail ' + code
    this.errno = detail.errno
    this.cause = detail.cause
    this.retryAfter = detail.retryAfter
  }
}

/** What may be told of anything that wx or a server gave, without the secrets that it may repeat. */
export function redact(given: unknown, secrets: unknown[]): SessionErrorCause {
  const { errMsg, message, errno, statusCode } = Object(given)
  const text = [given, errMsg, message].find((value) => typeof value === 'string') as string | undefined
  const clean = secrets.reduce<string | undefined>(
    (rest, secret) => (rest && typeof secret === 'string' && secret ? rest.split(secret).join('***') : rest),
    text,
  )
  return {
    errMsg: clean,
    errno: typeof errno === 'number' ? errno : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
  }
}
