import {
  clearSession,
  type Dialect,
  ERRORS,
  kept,
  lastBody,
  RequestError,
  request,
  SKEY,
  setLoginUrl,
  sign,
  signIn,
  speak,
  tell,
  userInfo,
} from './wafer-client'

/** Whether sign-ins send what `wx.getUserInfo` gives, and whether the last one did. */
let isFull = false
let wasFull = false

/** A server answers -1 where there is no session, or where it has ended. */
const refusal = ({ data, statusCode }: any): boolean => Object(data).code === -1 || statusCode === 401

const dialect: Dialect = {
  sessionIn: ({ code, data }) => code === 0 && Object(data).userinfo && data.skey && data,
  headersOf: ({ skey }) => ({ [SKEY]: skey }),
  // A user whom the server does not know, who sends the code alone, gets an error of another kind.
  oldCode: /"ERR_/,
  failure: (answer) => refusal(answer) && new RequestError(Object(answer.data).error, '登录态已过期'),
  loginFailure(error, body) {
    if (!sign.loginUrl) {
      return Error('登录错误：缺少登录地址，请通过 setLoginUrl() 方法设置登录地址')
    }
    if (/^login/.test(error.code)) {
      const isData = /^login_data/.test(error.code)
      return Error(isData ? '获取微信用户信息失败，请检查网络状态' : '微信登录失败，请检查网络状态')
    }
    // A session that is only half there is not repeated.
    const said = body && (body.data ? body.error : JSON.stringify(body))
    return !body ? error : Error(wasFull ? `响应错误，${said}` : '用户未登录过，请先使用 login() 登录')
  },
}

speak(dialect, {
  loginData() {
    wasFull = isFull
    return isFull ? userInfo() : undefined
  },
  refusal,
})

const loginWithCode = (options?: any): void => tell(options, signIn(options, true), 'userinfo')

function login(options?: any): void {
  isFull = true
  const signedIn = signIn(options, true).catch((error) => {
    // It has joined a sign-in by the code alone.
    if (lastBody && !wasFull) {
      return signIn(options, true)
    }
    throw error
  })
  const done = () => {
    isFull = false
  }
  signedIn.then(done, done)
  tell(options, signedIn, 'userinfo')
}

export default Object.assign(
  {
    login,
    loginWithCode,
    setLoginUrl,
    Session: { get: () => kept() || null, clear: clearSession },
    clearSession,
    request,
    RequestError,
    ERR_SESSION_INVALID: 'ERR_SESSION_INVALID' as const,
  },
  ERRORS,
)
