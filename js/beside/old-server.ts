import { createSession, type Session, type SessionOptions } from './index.js'

/** The key by which an old server marks the answers that are its own, and no answers to the call. */
export const MARK = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

/** What a program may set besides what its old client knew. */
export type Options = Partial<SessionOptions>

/**
 * Opens a session with a server that speaks an old protocol: a host in between translates.
 *
 * @param wx The host.
 * @param send Makes a call of the program's, which has the option `login` and, if it carries the session, that in the
 *   header {@link MARK}.
 * @param signIn Makes a sign-in with what is in `data`, and answers it as wxsession's own server would.
 */
export function openSession(
  wx: any,
  options: Options,
  send: (call: any) => unknown,
  signIn: (call: any) => unknown,
): Session {
  // Old servers have no sign-out: a session that is not wanted any more is left to expire.
  const signOut = (call: any) => call.success(issued())
  // wx's methods are read-only, so what inherits them cannot be assigned to.
  const host = Object.create(wx, {
    request: { value: (call: any) => ('login' in call ? send : Object(call.data).code ? signIn : signOut)(call) },
  })
  return createSession(Object.assign({ sessionName: MARK, storageKey: MARK }, options, { host }) as SessionOptions)
}

/** What wx knows of the user, signed and encrypted. Nobody is asked any more, and nobody is named. */
export const userInfo = (wx: any): Promise<any> => new Promise((success, fail) => wx.getUserInfo({ success, fail }))

/** An answer for a sign-in that has brought a session, and one for a code that the server may not have liked. */
export const issued = (sessionid?: string): object => ({ statusCode: 200, data: { sessionid } })
export const rejected = { statusCode: 401, data: { code: 'code_invalid' } }
