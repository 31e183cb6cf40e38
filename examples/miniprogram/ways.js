/* What a user reads of the ways into an account. */

const KINDS = { wechat: '微信', name: '用户名', phone: '手机号', email: '邮箱', oidc: '第三方账号' }

/** @param {string} kind @param {string} shown What the server shows of it; of a WeChat user there is nothing to show. */
function nameOf(kind, shown) {
  return kind === 'wechat' ? KINDS.wechat : `${KINDS[kind] || kind} ${shown}`
}

/** Today as 9:05, earlier days as 11月30日. @param {number} seconds Since 1970. */
function timeOf(seconds) {
  const date = new Date(seconds * 1000)
  const isToday = date.toDateString() === new Date().toDateString()
  if (isToday) return `${date.getHours()}:${`0${date.getMinutes()}`.slice(-2)}`
  return `${date.getMonth() + 1}月${date.getDate()}日`
}

module.exports = { nameOf, timeOf }
