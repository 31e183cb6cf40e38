import type { SessionOptions } from './index'

/**
 * `request` of weapp-session-client, over wxsession. Takes what `wx.request` takes, and `headers` beside `header`. The
 * first call signs in by its own headers, so the server stays as it is.
 */
declare function request(options: request.Options): Promise<any>

declare namespace request {
  type Options = WechatMiniprogram.RequestOption & {
    /** What the old client read in place of `header`; both are sent. */
    headers?: WechatMiniprogram.IAnyObject
  }

  /**
   * Options of the session, such as `wasmPath` and `host`; to be called before the first call. `origins` are the origins
   * of one server; without them every origin has a session of its own.
   */
  function setOptions(options: Partial<SessionOptions>): void
}

export = request
