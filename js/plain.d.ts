import type { SessionOptions } from './index'

/**
 * The core as plain script, for phones and programs without WebAssembly. Requiring `wxsession/plain` is enough: sessions
 * created afterwards use it where `WXWebAssembly` is missing, fails or does not answer within a second. Passed as the `core`
 * of a session it is used everywhere, and the WebAssembly file is not needed.
 *
 * @example
 * ```ts
 * import { createSession } from 'wxsession'
 * import { plain } from 'wxsession/plain'
 *
 * const session = createSession({ loginUrl: 'https://api.example.com/wx/onlogin', core: plain })
 * ```
 */
export const plain: NonNullable<SessionOptions['core']>
