/* The messages for the user when something fails, by the code of the SessionError. */
import { SessionError } from 'wxsession'

const MESSAGES: Partial<Record<SessionError['code'], string>> = {
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
  signed_out: '你已退出登录',
  sign_in_needed: '请先登录',
  session_replaced: '你的账号已在另一台设备上登录',
  session_revoked: '登录已失效，请重新登录',
}

/** Every other code is a fault of the program or its server; the user need not know more. */
const OUR_FAULT = '服务出错了，请稍后重试'

/** What to show for a failure. What is no SessionError is a fault of the page, and is thrown on. */
export function messageOf(error: unknown): string {
  if (!(error instanceof SessionError)) throw error
  return MESSAGES[error.code] || OUR_FAULT
}
