/* The messages for the user when a call fails. The codes are those of SessionError. */

const TRY_AGAIN = '重试'
const SIGN_IN = '登录'

/** Failures that signing in ends. For all others the user can only try again. */
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
  rate_limited: '登录过于频繁，请稍后重试',
  sign_in_paused: '刚才没有登录成功，请稍后重试',
  interrupted: '登录被打断了，请重试',
  aborted: '请求已取消',
  login_failed: '微信登录失败，请重试',
  login_timeout: '微信没有及时响应，请重试',
  code_invalid: '微信没有接受这次登录，请重试',
  user_blocked: '该账号已被停用',
  unsupported: '当前微信版本过低，请升级后再试',
  load_failed: '小程序没有加载完整，请重新打开',
}

/** Every other code is a fault of the program or its server; the user need not know more. */
const OUR_FAULT = '服务出错了，请稍后重试'

/**
 * What a page shows for a failure: a message, and the label of the button below the message.
 *
 * @param {{code: string, retryAfter?: number}} error A SessionError, or a problem that the server names.
 */
function problemOf({ code, retryAfter }) {
  if (code in SIGN_IN_ENDS) return { message: SIGN_IN_ENDS[code], action: SIGN_IN }
  const message = MESSAGES[code] || OUR_FAULT
  const wait = retryAfter ? `（约 ${Math.ceil(retryAfter / 1000)} 秒）` : ''
  return { message: message + wait, action: TRY_AGAIN }
}

/**
 * The same for an answer without the data. wx counts every status as a success, even the 401 that says in its body that
 * the session was ended elsewhere.
 */
function problemOfAnswer({ statusCode, data }) {
  const { code } = bodyOf(data)
  if (code in SIGN_IN_ENDS) return problemOf({ code })
  return { message: `服务器返回了 ${statusCode}，请稍后重试`, action: TRY_AGAIN }
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
