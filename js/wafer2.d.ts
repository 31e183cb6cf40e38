import type { SessionOptions } from './index'

/** Options of {@link login} and {@link loginWithCode}. */
export interface LoginOptions {
  /** Default: what `setLoginUrl` has set. */
  loginUrl?: string
  /** The method of the sign-in and of later renewals; default `'GET'`. */
  method?: WechatMiniprogram.RequestOption['method']
  /** Is given the server's `userinfo`. */
  success?: (userinfo: any) => void
  fail?: (error: Error) => void
}

/** `wx.request`'s options and one more. */
export interface RequestOptions extends Omit<WechatMiniprogram.RequestOption, 'fail' | 'complete'> {
  /** Signs in first if there is no session. Without it the call goes as it is, and signs in if it is refused. */
  login?: boolean
  /** Is given the error of a sign-in, a {@link RequestError} or, if wx failed the call, what wx says. */
  fail?: (error: any) => void
  complete?: (result: any) => void
}

/** The server refused a call. */
export class RequestError extends Error {
  readonly type: string
  constructor(type: string, message: string)
}

/** What is kept of the last sign-in. */
export interface KeptSession {
  readonly skey: string
  readonly userinfo: any
  readonly [name: string]: any
}

/**
 * Where sign-ins go. `options` are further options of `createSession`, such as `wasmPath`, `host` and `origins`; the session
 * goes to the origin of the login URL and to `origins`.
 */
export function setLoginUrl(loginUrl: string, options?: Partial<SessionOptions>): void
/** Signs in with what `wx.getUserInfo` gives, whether or not there is a session. */
export function login(options?: LoginOptions): void
/** Signs in with the code alone, which a server does for users whom it knows. */
export function loginWithCode(options?: LoginOptions): void
export function request(options: RequestOptions): void
/** Forgets the session. */
export function clearSession(): void
/** What is kept of the session. */
export const Session: {
  get(): KeptSession | null
  clear(): void
}

export const ERR_INVALID_PARAMS: 'ERR_INVALID_PARAMS'
export const ERR_WX_LOGIN_FAILED: 'ERR_WX_LOGIN_FAILED'
export const ERR_WX_GET_USER_INFO: 'ERR_WX_GET_USER_INFO'
export const ERR_LOGIN_FAILED: 'ERR_LOGIN_FAILED'
export const ERR_LOGIN_SESSION_NOT_RECEIVED: 'ERR_LOGIN_MISSING_SESSION'
export const ERR_SESSION_INVALID: 'ERR_SESSION_INVALID'
export const ERR_CHECK_LOGIN_FAILED: 'ERR_CHECK_LOGIN_FAILED'
