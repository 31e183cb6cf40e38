import type { SessionOptions } from './index'

/** Options of {@link login}. */
export interface LoginOptions {
  /** Default: what `setLoginUrl` has set. */
  loginUrl?: string
  /** The method of the sign-in and of later renewals; default `'GET'`. */
  method?: WechatMiniprogram.RequestOption['method']
  /** The body of the sign-in and of later renewals. */
  data?: WechatMiniprogram.RequestOption['data']
  /** Is given what `wx.getUserInfo` says of the user. */
  success?: (userInfo: WechatMiniprogram.UserInfo) => void
  fail?: (error: LoginError) => void
}

/** `wx.request`'s options and one more. */
export interface RequestOptions extends Omit<WechatMiniprogram.RequestOption, 'fail' | 'complete'> {
  /** Signs in first if there is no session. Without it the call goes as it is, and signs in if it is refused. */
  login?: boolean
  /** Is given a {@link LoginError}, a {@link RequestError} or, if wx failed the call, what wx says. */
  fail?: (error: any) => void
  complete?: (result: any) => void
}

/** A sign-in failed. `type` is one of the constants; `detail` says more. */
export class LoginError extends Error {
  readonly type: string
  readonly detail?: any
  constructor(type: string, message: string, detail?: any)
}

/** The server refused a call. */
export class RequestError extends Error {
  readonly type: string
  constructor(type: string, message: string)
}

/**
 * Where sign-ins go. `options` are further options of `createSession`, such as `wasmPath`, `host` and `origins`; the session
 * goes to the origin of the login URL and to `origins`.
 */
export function setLoginUrl(loginUrl: string, options?: Partial<SessionOptions>): void
/** Signs in, unless there is a session. */
export function login(options?: LoginOptions): void
export function request(options: RequestOptions): void
/** Forgets the session. */
export function clearSession(): void
/** The headers that carry the session, for calls that are not made with {@link request}. */
export function buildSessionHeader(): { [name: string]: string }

export const ERR_INVALID_PARAMS: 'ERR_INVALID_PARAMS'
export const ERR_WX_LOGIN_FAILED: 'ERR_WX_LOGIN_FAILED'
export const ERR_WX_GET_USER_INFO: 'ERR_WX_GET_USER_INFO'
export const ERR_LOGIN_FAILED: 'ERR_LOGIN_FAILED'
export const ERR_LOGIN_SESSION_NOT_RECEIVED: 'ERR_LOGIN_MISSING_SESSION'
export const ERR_INVALID_SESSION: 'ERR_INVALID_SESSION'
export const ERR_CHECK_LOGIN_FAILED: 'ERR_CHECK_LOGIN_FAILED'
