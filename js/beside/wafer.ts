import { MARK } from './old-server'
import {
  clearSession,
  type Dialect,
  ERRORS,
  failureClass,
  kept,
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

const ERR_INVALID_SESSION = 'ERR_INVALID_SESSION' as const
const LoginError = failureClass()
const UNKNOWN = '未知错误'

const headersOf = ({ id, skey }: any): { [name: string]: string } => ({ 'X-WX-Id': id, [SKEY]: skey })

const refusal = ({ data }: any): boolean => Object(data)[MARK] && data.error === ERR_INVALID_SESSION

const dialect: Dialect = {
  sessionIn: (body) => body[MARK] && body.session,
  headersOf,
  oldCode: /ERR_LOGIN|Illegal/,
  failure({ data }) {
    // The answer to a sign-in is marked too.
    if (!Object(data)[MARK] || data.session) {
      return false
    }
    const { error, message } = data
    return error === ERR_INVALID_SESSION
      ? new RequestError(error, '登录态已过期')
      : new RequestError(
          'ERR_CHECK_LOGIN_FAILED',
          `鉴权服务器检查登录态发生错误(${error || 'OTHER'})：${message || UNKNOWN}`,
        )
  },
  loginFailure(error, body) {
    const [type, message] = !sign.loginUrl
      ? ['ERR_INVALID_PARAMS', '登录错误：缺少登录地址，请通过 setLoginUrl() 方法设置登录地址']
      : /^login_data/.test(error.code)
        ? ['ERR_WX_GET_USER_INFO', '获取微信用户信息失败，请检查网络状态']
        : /^login/.test(error.code)
          ? ['ERR_WX_LOGIN_FAILED', '微信登录失败，请检查网络状态']
          : !body
            ? ['ERR_LOGIN_FAILED', '登录失败，可能是网络错误或者服务器发生异常']
            : [
                'ERR_LOGIN_MISSING_SESSION',
                body[MARK]
                  ? `登录失败(${body.error})：${body.message || UNKNOWN}`
                  : `登录请求没有包含会话响应，请确保服务器处理 \`${sign.loginUrl}\` 的时候正确使用了 SDK 输出登录结果`,
              ]
    return new LoginError(type as string, message as string, error)
  },
}
speak(dialect, { loginData: userInfo, refusal })

export default Object.assign(
  {
    login: (options?: any): void => tell(options, signIn(options), 'userInfo'),
    setLoginUrl,
    LoginError,
    clearSession,
    request,
    buildSessionHeader: () => (kept() ? headersOf(kept()) : {}),
    RequestError,
    ERR_INVALID_SESSION,
  },
  ERRORS,
)
