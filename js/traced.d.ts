import type { SessionHost } from './index'

/**
 * A host whose session can be followed: `createSession({ loginUrl, host: traced(wx) })`. Writes one line for each wait,
 * sign-in, renewal, resend and bare call, with its reason. No line has a session id, a login code, a body or the value of
 * a query in it.
 *
 * @param host `wx`, or whatever else would be the `host`.
 * @param log Takes each line. Default: `console.info`, which vConsole shows, and `wx.getRealtimeLogManager()`, whose
 *   lines 小程序管理后台 shows under 开发管理.
 */
export function traced(host: SessionHost, log?: (line: string) => void): SessionHost
