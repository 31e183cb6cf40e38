import type { Session, SessionError } from './index.js'
import { issued, MARK, openSession, type Options, rejected } from './old-server'

export const SKEY = 'X-WX-Skey'

type Names = 'INVALID_PARAMS' | 'WX_LOGIN_FAILED' | 'WX_GET_USER_INFO' | 'LOGIN_FAILED' | 'CHECK_LOGIN_FAILED'

/** What both SDKs name their failures. */
export const ERRORS = { ERR_LOGIN_SESSION_NOT_RECEIVED: 'ERR_LOGIN_MISSING_SESSION' } as {
  [Name in `ERR_${Names}`]: Name
} & { ERR_LOGIN_SESSION_NOT_RECEIVED: 'ERR_LOGIN_MISSING_SESSION' }
for (const name of 'INVALID_PARAMS WX_LOGIN_FAILED WX_GET_USER_INFO LOGIN_FAILED CHECK_LOGIN_FAILED'.split(' ')) {
  ;(ERRORS as any)['ERR_' + name] = 'ERR_' + name
}

/** A class of failures. */
export const failureClass = () =>
  class extends Error {
    constructor(
      readonly type: string,
      message: string,
      readonly detail?: unknown,
    ) {
      super(message)
    }
  }

export const RequestError = failureClass()

/** What one of the two SDKs knows that the other does not. */
export interface Dialect {
  /** The session in the body of an answer to a sign-in, if it has one. */
  sessionIn(body: any): any
  /** The headers of a call with this session. */
  headersOf(session: any): object
  /** What a call fails with that was answered so, if that is no answer to the call. */
  failure(answer: any): Error | false
  /** What a rejected sign-in says if a fresh code may help. */
  oldCode: RegExp
  /** What a failed sign-in fails with; `body` is what the server has answered, if it has. */
  loginFailure(error: SessionError, body: any): Error
}

/** Whose methods are called. */
let host: any = wx
let given: Options = {}
/** How sign-ins are sent. */
export const sign: any = { method: 'GET' }

let dialect: Dialect
let usual: Options
let opened: Session | undefined
/** Whether the program has cleared the session that the core still has. */
let isCleared = false
/** The session that the last sign-in has brought. */
let fresh: any
/** The call that was sent bare last, as it was then. */
let bare: any = {}
/** What the server has answered to the last sign-in. */
export let lastBody: any

/** Speaks as one of the SDKs; its session has these options. */
export function speak(spoken: Dialect, options: Options): void {
  dialect = spoken
  usual = options
}

export function setLoginUrl(loginUrl: string, options: Options = given): void {
  sign.loginUrl = loginUrl
  given = options
  host = options.host || host
}

/** The session that is kept, as the server has given it, or nothing. */
export function kept(): any {
  try {
    return sessionOf(host.getStorageSync(MARK).id)
  } catch (error) {
    return undefined
  }
}

/** What the core takes for a session id is all that the server says of a session, and of the user. */
const sessionOf = (id: string) => JSON.parse(decodeURI(id))

export function clearSession(): void {
  host.removeStorageSync(MARK)
  isCleared = true
}

/** Signs in as the SDKs' `login` says, and from then on in the same way; resolves with the session. */
export function signIn(options?: any, force = isCleared): Promise<any> {
  Object.assign(sign, options)
  return new Promise<void>((resolve) => resolve(session().login({ force }))).then(() => fresh || kept())
}

/** Calls back in a turn of its own, so that what a callback throws is heard of as if wx had called. */
export function tell(options: any, signedIn: Promise<any>, info: string): void {
  const { success, fail } = Object(options)
  signedIn.then(
    (session) => success && setTimeout(success, 0, session[info]),
    (error) => fail && setTimeout(fail, 0, failureOf(error)),
  )
}

/** Without `login` a call goes with the session if there is one, else bare; and signs in if that is refused. */
export function request(options: any): void {
  if (typeof options !== 'object') {
    throw new RequestError('ERR_INVALID_PARAMS', '请求传参应为 object')
  }
  send(Object.assign({}, options), Boolean(options.login || kept()))
}

function send(call: any, auth: boolean): void {
  const end = (callback: any, value: unknown) => {
    callback && callback(value)
    call.complete && call.complete(value)
  }
  const fail = (error: any) => end(call.fail, failureOf(error))
  const sent = Object.assign({}, call, {
    login: auth,
    auth,
    complete: undefined,
    success(answer: any) {
      const failure = dialect.failure(answer)
      !auth && failure ? send(call, true) : end(failure ? call.fail : call.success, failure || answer)
    },
    fail,
  })
  try {
    if (auth && isCleared) {
      signIn().then(() => send(call, true), fail)
    } else {
      ;(auth || sign.loginUrl ? session() : host).request(sent)
      // If the call is sent again, its body is that of now.
      call.data = bare.data
    }
  } catch (error) {
    fail(error)
  }
}

/** What the program is told of a failure: of a call as wx has it, of a sign-in as the SDK has it. */
function failureOf(error: any): Error {
  return error.code === 'request_failed' ? error : dialect.loginFailure(error, lastBody)
}

const session = (): Session =>
  (opened =
    opened || openSession(host, Object.assign({}, usual, given, { loginUrl: sign.loginUrl }), dispatch, exchange))

/** What wx knows of the user. */
export const userInfo = (): Promise<any> => new Promise((success, fail) => host.getUserInfo({ success, fail }))

/** Makes a call of the program's, with the headers of its session. */
function dispatch(call: any): unknown {
  const header = Object.assign({}, call.header)
  const id = header[MARK]
  delete header[MARK]
  call.header = Object.assign(header, id && dialect.headersOf(sessionOf(id)))
  bare = call
  return host.request(call)
}

/** Makes a sign-in as the server reads it. */
function exchange(call: any): unknown {
  const {
    success,
    data: { code, encryptedData, iv, userInfo },
  } = call
  const { loginUrl, method, data } = sign
  lastBody = undefined
  return host.request(
    Object.assign(call, {
      url: loginUrl,
      method,
      data,
      header: Object.assign({ 'X-WX-Code': code }, iv && { 'X-WX-Encrypted-Data': encryptedData, 'X-WX-IV': iv }),
      success(answer: any) {
        lastBody = Object(answer.data)
        const session = dialect.sessionIn(lastBody)
        if (session) {
          isCleared = false
          fresh = Object.assign({ userInfo }, session)
          answer = issued(encodeURI(JSON.stringify(fresh)))
        } else if (dialect.oldCode.test(JSON.stringify(lastBody))) {
          answer = rejected
        }
        success(answer)
      },
    }),
  )
}
