/// <reference types="miniprogram-api-typings" />

/** Sign-in and session upkeep for WeChat mini programs. */

/**
 * How a session is set up. Only `loginUrl` is needed. A wrong or unknown option throws `invalid_option`. Times are
 * whole milliseconds, from 1 on. URLs are absolute, and their host and port are plain: no user, no escapes, no
 * characters beyond ASCII.
 */
export interface SessionOptions {
  /**
   * Where the login code is exchanged for a session: an absolute http or https URL of the app's server. The session
   * goes to its origin, and to no other that is not named by `baseUrl` or `origins`.
   */
  loginUrl: string
  /**
   * Whose methods are called: default the global `wx`; in Douyin's mini programs `tt`. A method that is replaced later
   * is the one that is called. The WebAssembly file is loaded by whichever of `WXWebAssembly` and `TTWebAssembly` there
   * is.
   */
  host?: SessionHost
  /** How the code gets there: in a JSON body (`'POST'`, the default) or in the query (`'GET'`). */
  loginMethod?: 'POST' | 'GET'
  /**
   * What goes along with the code: an object (default: an empty one), or a function of the code that gives one or a
   * promise of one. It is called once for each code. If it throws or rejects, or gives what is neither
   * an object nor `undefined`, the sign-in fails with `login_data_failed`.
   */
  loginData?: LoginData | ((code: string) => LoginData | undefined | Promise<LoginData | undefined>)
  /**
   * What the session id is called where calls carry it, in the characters of a header's name; default `'sessionid'`.
   */
  sessionName?: string
  /**
   * Where calls carry it: in a header (`'header'`, the default), in the query, or in a field of the body (`data`,
   * `formData`). A call whose body is text, bytes or a list, and one that can have none, such as a download, carries it
   * in the query instead of the body.
   */
  sessionPlace?: 'header' | 'query' | 'body'
  /**
   * Reads the session from the answer to a sign-in with a status of 2xx; default: its body. `expires_in` is in seconds;
   * without it the session is used until it is refused. Where `sessionid` is missing, empty or no string, or where the
   * function throws, the sign-in fails with `bad_answer`.
   */
  readSession?: (answer: SessionAnswer) => { sessionid?: string; expires_in?: number } | undefined
  /**
   * Says whether an answer refuses the session, of any status: `true` or `'session_expired'` to renew it and send the
   * call again, `'session_replaced'` or `'session_revoked'` to end it. It takes the place of the default, which is a
   * status of 401, with the problem that it names. What it throws goes to `console.error`, and refuses nothing.
   */
  refusal?: (answer: SessionAnswer) => boolean | 'session_expired' | 'session_replaced' | 'session_revoked' | undefined
  /** The code with which a server closes a socket to refuse its session; default `4401`. */
  refusalCloseCode?: number
  /** What a `url` with one leading slash is joined to, without a query; default: the origin of `loginUrl`. */
  baseUrl?: string
  /**
   * URLs whose origins calls may take the session to, besides those of `loginUrl` and `baseUrl`; default: none. All
   * other calls go without it.
   */
  origins?: readonly string[]
  /** Where `logout()` ends the session on the server, by `POST`; default: `logout` beside `loginUrl`. */
  logoutUrl?: string
  /**
   * The key under which storage keeps the session; default `'wxsession'`. A second session throws `storage_key_in_use`.
   */
  storageKey?: string
  /**
   * Where the program's package has the WebAssembly file, from its root and with a leading slash; default: where
   * building npm puts it, `'/miniprogram_npm/wxsession/wxsession.wasm.br'`. It is loaded once for all sessions, from
   * the path of the first. Where it is not, calls fail with `load_failed`, and the next one tries again.
   */
  wasmPath?: string
  /** Milliseconds for loading the WebAssembly file, else `load_failed`; default `10000`. */
  loadTimeout?: number
  /** Milliseconds for `wx.login`, else `login_timeout`; default `5000`. */
  loginTimeout?: number
  /** Milliseconds for the function `loginData`, else `login_data_timeout`; default `5000`. */
  loginDataTimeout?: number
  /**
   * Milliseconds for one exchange of a code; default `10000`. It is tried three times at most within 20 seconds; if no
   * answer comes, the sign-in fails with `exchange_timeout`.
   */
  exchangeTimeout?: number
}

/** What a session calls of its host. WeChat's `wx` and Douyin's `tt` have it, and so has an object made from one. */
export interface SessionHost {
  /** Gives `success` a `code`, which the app's server exchanges. */
  login(options: any): unknown
  request(options: any): unknown
  /** Without it, uploads fail with `request_failed`. */
  uploadFile?(options: any): unknown
  /** Without it, downloads fail with `request_failed`. */
  downloadFile?(options: any): unknown
  /** Without it, sockets fail with `request_failed`. */
  connectSocket?(options: any): unknown
  /** Storage keeps the session from one start to the next. What it throws costs that, and nothing else. */
  getStorageSync(key: string): any
  setStorageSync(key: string, value: any): unknown
  removeStorageSync(key: string): unknown
}

/** What goes along with the code: an object that is neither a function nor a promise. */
interface LoginData {
  readonly [name: string]: any
  readonly call?: never
  readonly then?: never
}

/** What wx tells of an answer; uploads and downloads have no `header` in it. */
export interface SessionAnswer {
  readonly statusCode: number
  readonly data?: any
  readonly header?: WechatMiniprogram.IAnyObject
  readonly [name: string]: any
}

/**
 * What a session is doing. `loading`: the core is not there yet, or could not be loaded; the next call tries again.
 * `ended`: another device or an administrator ended it, and only `login()` helps.
 */
export type SessionState = 'loading' | 'signed-out' | 'signing-in' | 'signed-in' | 'ended'

/** The body of a request or of its answer, as wx has it. */
type Body = string | WechatMiniprogram.IAnyObject | ArrayBuffer

/** What a call of the session takes besides what wx takes. */
interface Extra<Failure> {
  /** `false` sends the call without the session and without waiting for one; default `true`. */
  auth?: boolean
  /** Is given a {@link SessionError}. It has no `errno` where wx gave none, whatever wx's own types say. */
  fail?: (error: SessionError & Failure) => void
}

/** `wx.request`'s options and one more. */
export type SessionRequestOption<T extends Body = Body> = Omit<WechatMiniprogram.RequestOption, 'success' | 'fail'> &
  Extra<Parameters<NonNullable<WechatMiniprogram.RequestOption['fail']>>[0]> & {
    success?: (result: SessionRequestResult<T>) => void
  }
/** What `wx.request` answers, with a body of the type that the call names. */
export type SessionRequestResult<T extends Body = Body> = Omit<
  WechatMiniprogram.RequestSuccessCallbackResult,
  'data'
> & {
  data: T
}
/** `wx.uploadFile`'s options and one more. */
export type SessionUploadOption = Omit<WechatMiniprogram.UploadFileOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>
/** `wx.downloadFile`'s options and one more. */
export type SessionDownloadOption = Omit<WechatMiniprogram.DownloadFileOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>
/** `wx.connectSocket`'s options and one more. */
export type SessionSocketOption = Omit<WechatMiniprogram.ConnectSocketOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>

/** What makes a task one that can be awaited. */
export interface Awaitable<Result> {
  then<A = Result, B = never>(
    fulfilled?: ((result: Result) => A | PromiseLike<A>) | null,
    rejected?: ((error: SessionError) => B | PromiseLike<B>) | null,
  ): Promise<A | B>
  catch<B = never>(rejected?: ((error: SessionError) => B | PromiseLike<B>) | null): Promise<Result | B>
  finally(settled?: (() => void) | null): Promise<Result>
}

/** `wx.request`'s task, which can be awaited too. */
export interface SessionRequestTask<T extends Body = Body>
  extends WechatMiniprogram.RequestTask,
    Awaitable<SessionRequestResult<T>> {}
/** `wx.uploadFile`'s task, which can be awaited too. */
export interface SessionUploadTask
  extends WechatMiniprogram.UploadTask,
    Awaitable<WechatMiniprogram.UploadFileSuccessCallbackResult> {}
/** `wx.downloadFile`'s task, which can be awaited too. */
export interface SessionDownloadTask
  extends WechatMiniprogram.DownloadTask,
    Awaitable<WechatMiniprogram.DownloadFileSuccessCallbackResult> {}

/**
 * One session with one server. A call that could not be sent, or that wx failed, fails with a {@link SessionError}:
 * `request_failed` if it was wx; `invalid_option` for a `url` that is no string; `load_failed` or `unsupported` without
 * its core; else `signed_out`, `session_replaced`, `session_revoked`, `sign_in_paused`, or what the sign-in failed
 * with. An answer is a success whatever its status.
 */
export interface Session {
  /**
   * As `wx.request`, with the session; signs in first where needed, and once more if it has expired. Of a chunked
   * answer nothing reaches the app before it is known to be no refusal; where wx tells that too late, the call is not
   * sent again.
   */
  request<T extends Body = Body>(options: SessionRequestOption<T>): SessionRequestTask<T>
  /** As `wx.uploadFile`, with the session; a file is sent again if the session was refused. */
  uploadFile(options: SessionUploadOption): SessionUploadTask
  /** As `wx.downloadFile`, with the session. */
  downloadFile(options: SessionDownloadOption): SessionDownloadTask
  /**
   * As `wx.connectSocket`, opened as soon as there is a session and never opened again by itself: if the server closes
   * it with `refusalCloseCode`, the session is renewed for the next one. The close's reason may name the problem. A
   * failure is also told to `onError`.
   */
  connectSocket(options: SessionSocketOption): WechatMiniprogram.SocketTask
  /**
   * Signs in if there is no session; with `force` (default `false`) in any case. Only this helps after `logout()` and
   * after another device or an administrator ended the session, and it does not wait for a pause. Rejects with a
   * {@link SessionError}.
   */
  login(options?: { force?: boolean }): Promise<void>
  /**
   * Ends the session here at once (while the core is loading: as soon as it is there), and on the server if it can be
   * reached. Calls then fail with `signed_out` until `login()` or the next start. Resolves when the server has
   * answered, or after `exchangeTimeout`; never rejects.
   */
  logout(): Promise<void>
  /** What the session is doing at this moment. */
  readonly state: SessionState
  /**
   * Calls `listener` after each change of `state`; returns a function that stops it. What it throws goes to
   * `console.error`.
   */
  onChange(listener: (state: SessionState) => void): () => void
}

/** What a {@link SessionError} keeps of the failure behind it. */
export interface SessionErrorCause {
  readonly errMsg?: string
  readonly errno?: number
  readonly statusCode?: number
}

/** The stable names of failures. */
export type SessionErrorCode =
  | 'invalid_option'
  | 'unsupported'
  | 'load_failed'
  | 'storage_key_in_use'
  | 'aborted'
  | 'request_failed'
  | 'signed_out'
  | 'session_replaced'
  | 'session_revoked'
  | 'sign_in_paused'
  | 'login_failed'
  | 'login_timeout'
  | 'login_data_failed'
  | 'login_data_timeout'
  | 'network'
  | 'interrupted'
  | 'exchange_timeout'
  | 'server_unavailable'
  | 'rate_limited'
  | 'code_invalid'
  | 'user_blocked'
  | 'misconfigured'
  | 'exchange_rejected'
  | 'bad_answer'

/** Every failure. Never holds a code, a session id or an openid. */
export class SessionError extends Error {
  /** The stable name of the failure. */
  readonly code: SessionErrorCode
  /** As wx has it, such as `request:fail timeout`; where wx said nothing, `session:fail` and the code. */
  readonly errMsg: string
  /** wx's own number, where it gave one; Douyin's `errNo`. */
  readonly errno?: number
  /** What wx or the server said. */
  readonly cause?: SessionErrorCause
  /** Milliseconds after which to try again, of `sign_in_paused` and where the server named a time. */
  readonly retryAfter?: number
  constructor(code: SessionErrorCode)
}

/**
 * Sets a session up, and begins to load its core. Throws a {@link SessionError}: `invalid_option`, whose message names
 * the option and what it must be, or `storage_key_in_use`.
 */
export function createSession(options: SessionOptions): Session
