/// <reference types="miniprogram-api-typings" />

/** Sign-in and session upkeep for WeChat mini programs. */

/**
 * The options of a session. Only `loginUrl` is required. A wrong or unknown option throws `invalid_option`. Times are
 * whole milliseconds, at least 1. URLs are absolute, and their authority is plain: no user, no escapes, ASCII only.
 */
export interface SessionOptions {
  /**
   * Where the login code is exchanged for a session: an absolute http or https URL of the app's server. The session
   * goes to the origin of this URL, and to no other origin unless `baseUrl` or `origins` names it.
   */
  loginUrl: string
  /**
   * The object whose methods are called; default: the global `wx`. In Douyin's mini programs pass `tt`. Methods are looked
   * up at each call, so they may be replaced later. The WebAssembly file is loaded by `WXWebAssembly` or `TTWebAssembly`,
   * whichever exists.
   */
  host?: SessionHost | undefined
  /** How the code is sent: in a JSON body (`'POST'`, the default) or in the query (`'GET'`). */
  loginMethod?: 'POST' | 'GET' | undefined
  /**
   * Extra data to send along with the code: an object (default: an empty one), or a function of the code that returns an
   * object or a promise of one. The function is called once for each code. If it throws or rejects, or returns anything
   * but an object or `undefined`, the sign-in fails with `login_data_failed`.
   *
   * @example
   * ```ts
   * createSession({
   *   loginUrl: 'https://api.example.com/wx/onlogin',
   *   loginData: () => ({ channel: wx.getLaunchOptionsSync().scene }),
   * })
   * ```
   */
  loginData?: LoginData | ((code: string) => LoginData | undefined | Promise<LoginData | undefined>) | undefined
  /**
   * Headers for the sign-in: an object (default: an empty one), or a function like `loginData`. With a content type of
   * `application/x-www-form-urlencoded`, wx sends the code and `loginData` as a form. A function that fails makes the
   * sign-in fail with `login_data_failed`. A sign-out has these headers too; a function then gets an empty code, and if it
   * fails, the sign-out goes without.
   *
   * @example
   * ```ts
   * createSession({
   *   loginUrl: 'https://api.example.com/wx/onlogin',
   *   loginHeader: { 'content-type': 'application/x-www-form-urlencoded' },
   * })
   * ```
   */
  loginHeader?: LoginData | ((code: string) => LoginData | undefined | Promise<LoginData | undefined>) | undefined
  /** The name under which calls carry the session id, in the characters of a header name; default `'sessionid'`. */
  sessionName?: string | undefined
  /**
   * Where calls carry the session id: in a header (`'header'`, the default), in the query, or in a field of the body
   * (`data`, `formData`). If the body is text, bytes or a list, or if the call can have no body, as a download, the id goes
   * in the query instead.
   */
  sessionPlace?: 'header' | 'query' | 'body' | undefined
  /**
   * Reads the session from the answer to a sign-in; default: from the body. `expires_in` is in seconds; without it the
   * session is used until it is refused. For a server that always answers 200, the function may name a `problem`
   * instead: after `'code_invalid'` the sign-in goes on with a fresh code, once; after `'server_unavailable'` it tries
   * again as after a 503; `'sign_in_needed'` ends the session; `'user_blocked'` and any other name end the sign-in. If an
   * answer of status 2xx has neither session nor problem, or if the function throws or is async, the sign-in fails with
   * `bad_answer`, and the message says what is wrong.
   *
   * @example
   * ```ts
   * createSession({
   *   loginUrl: 'https://api.example.com/login',
   *   readSession: ({ data }) => ({ sessionid: data.token, expires_in: data.ttl }),
   * })
   * ```
   */
  readSession?: ((answer: SessionAnswer) => SessionRead | undefined) | undefined
  /**
   * Decides whether an answer, of any status, refuses the session. `'session_expired'` renews the session and sends the
   * call again; `'session_replaced'` and `'session_revoked'` end it. `true` takes the problem that the answer names, and
   * renews if it names none. By default a status of 401 is `true`. An exception refuses nothing; it reaches `App.onError`.
   *
   * @example
   * ```ts
   * createSession({
   *   loginUrl: 'https://api.example.com/login',
   *   refusal: ({ data }) => data.code === 40101,
   * })
   * ```
   */
  refusal?:
    | ((answer: SessionAnswer) => boolean | 'session_expired' | 'session_replaced' | 'session_revoked' | undefined)
    | undefined
  /**
   * Who signs a new user in. `'silent'`, the default: the first call that needs a session. `'manual'`: only `login()`, and
   * until then calls fail with `sign_in_needed`. A session that has expired is renewed silently in any case.
   */
  signIn?: 'silent' | 'manual' | undefined
  /** The code with which a server closes a socket to refuse its session; default `4401`. */
  refusalCloseCode?: number | undefined
  /** The URL, without a query, that a `url` with one leading slash is joined to; default: the origin of `loginUrl`. */
  baseUrl?: string | undefined
  /**
   * URLs whose origins may receive the session, besides those of `loginUrl` and `baseUrl`; default: none. Calls to any
   * other origin go without the session. If one is refused, the console names its origin, once.
   */
  origins?: readonly string[] | undefined
  /** The URL to which `logout()` posts in order to end the session on the server; default: `logout` beside `loginUrl`. */
  logoutUrl?: string | undefined
  /**
   * The key under which the session is stored; default `'wxsession'`. A second session with the same key throws
   * `storage_key_in_use`.
   */
  storageKey?: string | undefined
  /**
   * Loads the core in place of `WXWebAssembly` and `TTWebAssembly`: a function of `wasmPath` and of the imports, an empty
   * object, that returns an instance of the module, or a promise of one. `plain` of `wxsession/plain` needs no
   * WebAssembly. A program that only requires `wxsession/plain` uses it where WebAssembly is missing or fails.
   *
   * @example
   * ```ts
   * import { createSession } from 'wxsession'
   * import { plain } from 'wxsession/plain'
   *
   * createSession({ loginUrl: 'https://api.example.com/wx/onlogin', core: plain })
   * ```
   */
  core?: ((wasmPath: string, imports: object) => unknown) | undefined
  /**
   * The path of the WebAssembly file in the mini program, from its root and with a leading slash; default: where "build
   * npm" puts it, `'/miniprogram_npm/wxsession/wxsession.wasm.br'`. Each session loads the file for
   * itself. If the file is not there, calls fail with `load_failed`, and the next call tries again.
   */
  wasmPath?: string | undefined
  /** Milliseconds for loading the WebAssembly file; after that, `load_failed`; default `10000`. */
  loadTimeout?: number | undefined
  /** Milliseconds for `wx.login`; after that, `login_timeout`; default `5000`. */
  loginTimeout?: number | undefined
  /** Milliseconds for the function `loginData`; after that, `login_data_timeout`; default `5000`. */
  loginDataTimeout?: number | undefined
  /**
   * Milliseconds for one exchange of a code; default `10000`. The exchange is tried at most three times within 20 seconds;
   * if no answer comes, the sign-in fails with `exchange_timeout`.
   */
  exchangeTimeout?: number | undefined
}

/**
 * The methods of its host that a session calls. WeChat's `wx` and Douyin's `tt` have them, and so has an object made from
 * either. Their options differ between hosts, so they have no type here.
 *
 * @example
 * ```ts
 * // Logs every request.
 * const host: SessionHost = { ...wx, request: (options) => (console.log(options.url), wx.request(options)) }
 * ```
 */
export interface SessionHost {
  /** Passes a `code` to `success`, which the app's server exchanges. */
  login(options: any): unknown
  request(options: any): unknown
  /** Without it, uploads fail with `request_failed`. */
  uploadFile?(options: any): unknown
  /** Without it, downloads fail with `request_failed`. */
  downloadFile?(options: any): unknown
  /** Without it, sockets fail with `request_failed`. */
  connectSocket?(options: any): unknown
  /** Storage keeps the session from one start to the next. If it throws, the next start signs in again. */
  getStorageSync(key: string): unknown
  setStorageSync(key: string, value: unknown): unknown
  removeStorageSync(key: string): unknown
  /** Hears what becomes of a call where wx's methods do not show it; `wxsession/traced` writes it down. */
  trace?(event: SessionTrace): void
}

/**
 * What becomes of a call: it goes `bare`, has to `wait`, is `refused`, or is sent again. `why` names the reason: of
 * `bare` `'auth'`, `'origin'` or `'optional'`, of `wait` `'loading'` if the core is not there yet, of `refused` the problem if the
 * answer names one.
 */
export interface SessionTrace {
  readonly what: 'bare' | 'wait' | 'refused' | 'resend'
  /** The call's URL, which may hold secrets. */
  readonly url: string
  readonly why?: string
}

/** What `readSession` returns: a session, or the problem that the answer names instead. */
export interface SessionRead {
  readonly sessionid?: string | undefined
  /** Seconds, as a number or in text. */
  readonly expires_in?: number | string | undefined
  readonly problem?: 'code_invalid' | 'user_blocked' | 'sign_in_needed' | 'server_unavailable' | undefined
}

/** Data to send along with the code: an object that is neither a function nor a promise. */
interface LoginData {
  readonly [name: string]: any
  readonly call?: never
  readonly then?: never
}

/** An answer as wx passes it to `success`. Those of uploads and downloads have no `header`. */
export interface SessionAnswer {
  readonly statusCode: number
  readonly data?: any
  readonly header?: WechatMiniprogram.IAnyObject
  readonly cookies?: readonly string[]
  readonly [name: string]: unknown
}

/**
 * What a session is doing. `loading`: there is no stored session to start with, and the core is not loaded, or loading
 * failed and the next call tries again. With a stored session it is `signed-in` from the start. `ended`: another device or an
 * administrator ended the session, or the server wants the user to sign in, and only `login()` helps.
 */
export type SessionState = 'loading' | 'signed-out' | 'signing-in' | 'signed-in' | 'ended'

/** The body of an answer, as wx types it, if the call names no type of its own. */
type Body = string | WechatMiniprogram.IAnyObject | ArrayBuffer

/** The options of a call that wx does not have. */
interface Extra<WxFailure> {
  /**
   * `false` sends the call without the session, and without waiting for one. `'optional'` sends it with the session if there
   * is one and without if there is none, and never signs a new user in. Default `true`.
   */
  auth?: boolean | 'optional' | undefined
  /** Receives a {@link SessionError}. Its `errno` is missing if wx gave none, although wx's types require it. */
  fail?: ((error: SessionError & WxFailure) => void) | undefined
}

/** The options of `wx.request`, and `auth`. */
export type SessionRequestOption<T = Body> = Omit<WechatMiniprogram.RequestOption, 'success' | 'fail'> &
  Extra<Parameters<NonNullable<WechatMiniprogram.RequestOption['fail']>>[0]> & {
    success?: ((result: SessionRequestResult<T>) => void) | undefined
  }
/** The answer of `wx.request`, with a body of the type that the call names. */
export type SessionRequestResult<T = Body> = Omit<WechatMiniprogram.RequestSuccessCallbackResult, 'data'> & {
  data: T
}
/** The options of `wx.uploadFile`, and `auth`. */
export type SessionUploadOption = Omit<WechatMiniprogram.UploadFileOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>
/** The options of `wx.downloadFile`, and `auth`. */
export type SessionDownloadOption = Omit<WechatMiniprogram.DownloadFileOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>
/** The options of `wx.connectSocket`, and `auth`. */
export type SessionSocketOption = Omit<WechatMiniprogram.ConnectSocketOption, 'fail'> &
  Extra<WechatMiniprogram.GeneralCallbackResult>

/** The part of a task that can be awaited. A task is accepted wherever a promise is. */
export interface Awaitable<Result> extends Promise<Result> {
  then<A = Result, B = never>(
    fulfilled?: ((result: Result) => A | PromiseLike<A>) | null,
    rejected?: ((error: SessionError) => B | PromiseLike<B>) | null,
  ): Promise<A | B>
  catch<B = never>(rejected?: ((error: SessionError) => B | PromiseLike<B>) | null): Promise<Result | B>
  finally(settled?: (() => void) | null): Promise<Result>
}

/** The task of `wx.request`, which can be awaited too. */
export interface SessionRequestTask<T = Body>
  extends WechatMiniprogram.RequestTask,
    Awaitable<SessionRequestResult<T>> {}
/** The task of `wx.uploadFile`, which can be awaited too. */
export interface SessionUploadTask
  extends WechatMiniprogram.UploadTask,
    Awaitable<WechatMiniprogram.UploadFileSuccessCallbackResult> {}
/** The task of `wx.downloadFile`, which can be awaited too. */
export interface SessionDownloadTask
  extends WechatMiniprogram.DownloadTask,
    Awaitable<WechatMiniprogram.DownloadFileSuccessCallbackResult> {}

/** The task of `wx.connectSocket`, with the state that wx's task has, although its types do not say so. */
export interface SessionSocketTask extends WechatMiniprogram.SocketTask {
  /** `CONNECTING` while the socket waits for a session, too. */
  readonly readyState: number
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

/**
 * One session with one server. As with wx, an answer is a success whatever its status. A call that cannot be sent, or that
 * wx fails, fails with a {@link SessionError}: `request_failed` if wx failed it; `invalid_option` if its `url` is no
 * string; `load_failed` or `unsupported` if the core cannot be loaded; otherwise `signed_out`, `sign_in_needed`, `session_replaced`,
 * `session_revoked`, `sign_in_paused`, or the code that the sign-in failed with. What a callback throws reaches
 * `App.onError`, as with wx.
 */
export interface Session {
  /**
   * Like `wx.request`, with the session. Signs in first if there is no session, and again if it has expired. A chunked
   * answer reaches the app only when it is known to be no refusal; if wx reports no status before the first chunk, the
   * call is not sent again.
   *
   * @example
   * ```ts
   * const { statusCode, data } = await session.request<{ id: string }[]>({ url: '/wx/products/list' })
   *
   * // Or as with wx, with a task that can be aborted:
   * const task = session.request({ url: '/wx/products/list', success: ({ data }) => console.log(data) })
   * task.abort()
   * ```
   */
  request<T = Body>(options: SessionRequestOption<T>): SessionRequestTask<T>
  /**
   * Like `wx.uploadFile`, with the session. The file is sent again if the session was refused.
   *
   * @example
   * ```ts
   * const task = session.uploadFile({ url: '/wx/pictures', filePath, name: 'picture' })
   * task.onProgressUpdate(({ progress }) => console.log(progress))
   * await task
   * ```
   */
  uploadFile(options: SessionUploadOption): SessionUploadTask
  /**
   * Like `wx.downloadFile`, with the session.
   *
   * @example
   * ```ts
   * const { tempFilePath } = await session.downloadFile({ url: '/wx/pictures/1' })
   * ```
   */
  downloadFile(options: SessionDownloadOption): SessionDownloadTask
  /**
   * Like `wx.connectSocket`, with the session. The socket is opened as soon as there is a session, and is never reopened:
   * if the server closes it with `refusalCloseCode`, the session is renewed for the next socket. The close reason may name
   * the problem. `onError` hears of a failure too.
   *
   * @example
   * ```ts
   * const socket = session.connectSocket({ url: '/wx/live' })
   * socket.onMessage(({ data }) => console.log(data))
   * ```
   */
  connectSocket(options: SessionSocketOption): SessionSocketTask
  /**
   * Signs in if there is no session, or in any case with `force` (default `false`). After `logout()`, and after another
   * device or an administrator ended the session, only `login()` signs in again. It does not wait for a pause. Rejects
   * with a {@link SessionError}.
   *
   * @example
   * ```ts
   * await session.login()
   * await session.login({ force: true })
   * ```
   */
  login(options?: { force?: boolean | undefined }): Promise<void>
  /**
   * Signs in with credentials: a wish of the user's, judged once. It waits for a sign-in under way and then has one of its
   * own, always by POST: every field goes into its body, beside a fresh login code and `loginData`. Nothing of the fields is
   * kept, sent with a silent renewal or repeated in an error. A failure reaches this caller alone: whoever was signed in
   * still is, and no pause follows. The error's `code` is the problem that the server names.
   *
   * @example
   * ```ts
   * const typed = { identifier: 'li.na', password: 'what the user typed' }
   * session.login({ method: 'password', ...typed }).catch((error) => {
   *   if (error.code === 'credentials_wrong') wx.showToast({ title: 'Wrong name or password', icon: 'none' })
   * })
   * ```
   */
  login<Credentials extends { readonly method: string }>(credentials: Credentials): Promise<void>
  /**
   * Ends the session here at once (or, while the core is loading, once it is loaded), and on the server if it can be
   * reached. Later calls fail with `signed_out` until `login()`, even after a restart. Resolves when the server has answered,
   * or after `exchangeTimeout`; never rejects.
   *
   * @example
   * ```ts
   * await session.logout()
   * ```
   */
  logout(): Promise<void>
  /**
   * Resolves when the core is loaded, so that `state` says whether somebody is signed in. Rejects with `load_failed` or
   * `unsupported`. Asking again loads again.
   *
   * @example
   * ```ts
   * await session.ready
   * if (session.state === 'signed-out') wx.navigateTo({ url: '/pages/welcome' })
   * ```
   */
  readonly ready: Promise<void>
  /** What the session is doing now. */
  readonly state: SessionState
  /**
   * Calls `listener` after each change of `state`. Returns a function that removes the listener. Exceptions of the listener
   * reach `App.onError`.
   *
   * @example
   * ```ts
   * const off = session.onChange((state) => {
   *   if (state === 'ended') wx.showToast({ title: 'Signed in on another device' })
   * })
   * off()
   * ```
   */
  onChange(listener: (state: SessionState) => void): () => void
}

/**
 * How somebody signs in: the name of a method that the server knows, and the fields that the server wants with it.
 */
export interface SessionCredentials {
  readonly method: string
  readonly [field: string]: unknown
}

/** The part that a {@link SessionError} keeps of the failure behind it. */
export interface SessionErrorCause {
  readonly errMsg?: string
  readonly errno?: number
  readonly statusCode?: number
  /** Of `sign_in_paused`: the code of the sign-in that failed. */
  readonly code?: SessionErrorCode
  /** What the server said of a sign-in that it refused: the body of its answer, without secrets. */
  readonly problem?: any
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
  | 'sign_in_needed'

/** What a server names if it refuses credentials. A server of the app's may name others. */
export type SessionProblemCode =
  | 'credentials_wrong'
  | 'challenge_wrong'
  | 'challenge_over'
  | 'more_needed'
  | 'access_denied'
  | 'identity_taken'
  | 'password_weak'
  | 'method_unknown'

/**
 * Every failure. Never contains a code, a session id or an openid.
 *
 * @example
 * ```ts
 * try {
 *   await session.request({ url: '/wx/products/list' })
 * } catch (error) {
 *   if (error instanceof SessionError && error.code === 'sign_in_paused') console.log(error.retryAfter)
 * }
 * ```
 */
export class SessionError extends Error {
  /** The stable name of the failure; of refused credentials, the problem that the server names. */
  readonly code: SessionErrorCode | SessionProblemCode
  /** wx's own message, such as `request:fail timeout`; without one, `session:fail` and the code. */
  readonly errMsg: string
  /** wx's own number, if there is one; Douyin's `errNo`. */
  readonly errno?: number
  /** The answer of wx or the server. */
  readonly cause?: SessionErrorCause
  /** What the server said of a sign-in that it refused: the body of its answer, without secrets. */
  readonly problem?: any
  /** Milliseconds to wait before the next attempt, for `sign_in_paused` and if the server named a time. */
  readonly retryAfter?: number
  constructor(code: SessionErrorCode)
}

/**
 * Creates a session, and starts loading its core. Throws a {@link SessionError}: `invalid_option`, whose message names the
 * option and the remedy, or `storage_key_in_use`.
 *
 * @example
 * ```ts
 * import { createSession } from 'wxsession'
 *
 * // One for the whole program.
 * export const session = createSession({ loginUrl: 'https://api.example.com/wx/onlogin' })
 * ```
 */
export function createSession(options: SessionOptions): Session
