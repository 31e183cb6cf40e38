import type { SessionHost } from './index'

/**
 * A host that signs every request of a session with a key that no request carries, so that a session id that was stolen from
 * a log or a capture is worthless without the phone (HTTP Message Signatures, RFC 9421, with HMAC-SHA256). The server gives
 * the key at the sign-in; one that does not know signed requests gives none, and nothing is signed.
 *
 * For sessions whose `sessionPlace` is `'header'`. `Content-Digest`, `Signature-Input` and `Signature` are its own: an app
 * cannot send headers of these names with a session.
 *
 * @param host `wx`, or whatever else would be the `host`, such as `traced(wx)`. One signing host serves one session.
 * @param loginUrl The `loginUrl` of the session. Throws a `TypeError` if one of the two is missing.
 *
 * @example
 * ```ts
 * import { createSession } from 'wxsession'
 * import { signed } from 'wxsession/signed'
 *
 * const loginUrl = 'https://api.example.com/wx/onlogin'
 * export const session = createSession({ loginUrl, host: signed(wx, loginUrl) })
 * ```
 */
export function signed(host: SessionHost, loginUrl: string): SessionHost
