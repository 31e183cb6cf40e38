/* The messages for the user when something fails. The codes are those of SessionError and of the server's accounts. */

const TRY_AGAIN = '重试'
const SIGN_IN = '登录'

/** Failures that signing in ends. */
const SIGN_IN_ENDS = {
  signed_out: '你已退出登录',
  sign_in_needed: '请先登录',
  session_replaced: '你的账号已在另一台设备上登录',
  session_revoked: '登录已失效，请重新登录',
}

const MESSAGES = {
  network: '连不上服务器，请检查网络后重试',
  request_failed: '网络请求失败，请检查网络后重试',
  exchange_timeout: '服务器没有及时响应，请稍后重试',
  server_unavailable: '服务器暂时不可用，请稍后重试',
  rate_limited: '操作过于频繁，请稍后重试',
  sign_in_paused: '刚才没有登录成功，请稍后重试',
  interrupted: '登录被打断了，请重试',
  aborted: '请求已取消',
  login_failed: '微信登录失败，请重试',
  login_timeout: '微信没有及时响应，请重试',
  code_invalid: '微信没有接受这次登录，请重试',
  user_blocked: '该账号已被停用',
  unsupported: '当前微信版本过低，请升级后再试',
  load_failed: '小程序没有加载完整，请重新打开',
  credentials_wrong: '账号或密码不正确，或没有这个账号',
  challenge_wrong: '验证码不正确',
  challenge_over: '验证码已失效，请重新获取',
  more_needed: '还需要一步验证，请换一种登录方式',
  access_denied: '第三方没有授权这次登录',
  proof_needed: '请先验证身份，再继续操作',
  another_account: '你刚才登录的是另一个账号，没有做任何更改',
  identity_taken: '它已属于另一个账号，没有做任何更改。你可以改为登录那个账号，或登录那个账号后解绑，或把那个账号注销',
  last_identity: '这是唯一的登录方式，不能解绑。请先绑定另一种，或注销账号',
  password_weak: '这个密码不够安全，请换一个',
  method_unknown: '暂不支持这种登录方式',
  bad_request: '填写的内容不正确，请检查后重试',
  server_busy: '服务器繁忙，请稍后重试',
  accounts_unavailable: '账号服务暂时不可用，请稍后重试',
}

/** Why a password must not be chosen. */
const WEAK = {
  short: '密码太短，至少 8 位',
  long: '密码太长，最多 128 位',
  common: '这个密码太常见，容易被猜到，请换一个',
  identifier: '密码不能与用户名、手机号或邮箱相同',
}

/** Every other code is a fault of the program or its server; the user need not know more. */
const OUR_FAULT = '服务出错了，请稍后重试'

/**
 * What a page shows for a failure: a message, and the label of the button below the message, which leads to the sign-in
 * page or tries again.
 *
 * @param {{code: string, problem?: any, retryAfter?: number}} error A SessionError, or a problem that the server names.
 */
function problemOf({ code, problem, retryAfter }) {
  if (code in SIGN_IN_ENDS) return { message: SIGN_IN_ENDS[code], action: SIGN_IN, isSignedOut: true }
  const { code: named, reason } = Object(problem)
  const message = WEAK[reason] || MESSAGES[code === 'exchange_rejected' ? named : code] || OUR_FAULT
  const wait = retryAfter ? `（约 ${Math.ceil(retryAfter / 1000)} 秒）` : ''
  return { message: message + wait, action: TRY_AGAIN, isSignedOut: false }
}

/**
 * The same for an answer without the data. wx counts every status as a success, even the 401 that says in its body that
 * the session was ended elsewhere.
 */
function problemOfAnswer({ statusCode, data }) {
  const { code } = bodyOf(data)
  if (code in SIGN_IN_ENDS) return problemOf({ code })
  return { message: `服务器返回了 ${statusCode}，请稍后重试`, action: TRY_AGAIN, isSignedOut: false }
}

/** The body as an object. The body of an upload's answer is always text. */
function bodyOf(data) {
  try {
    return Object(typeof data === 'string' ? JSON.parse(data) : data)
  } catch (error) {
    return {}
  }
}

module.exports = { problemOf, problemOfAnswer }
