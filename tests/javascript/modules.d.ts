// Packages that a suite installs for itself when it runs, and names that a bundler gives.

declare module '@alova/adapter-uniapp'
declare module '@cyclonedx/cyclonedx-library'
declare module '@playwright/test' {
  export const chromium: any
  export const defineConfig: any
  export const expect: any
  export const test: any
  export type Page = any
}
declare module '@playwright/test/reporter' {
  export type Reporter = any
  export type TestCase = any
  export type TestResult = any
  export type FullResult = any
  export type Suite = any
}
declare module 'axe-core'
declare module 'alova'
declare module 'alova/client'
declare module 'connect-redis'
declare module 'express-session'
declare module 'fast-check'
declare module 'flyio/dist/npm/wx'
declare module 'luch-request'
declare module 'miniprogram-ci'
declare module 'publint'
declare module 'publint/utils'
declare module 'redis'
declare module 'request'
declare module 'qcloud-weapp-server-sdk'
declare module 'vega'
declare module 'vega-lite'
declare module 'wafer-client-sdk'
declare module 'wafer-client-sdk/lib/constants'
declare module 'wafer2-client-sdk'
declare module 'wafer2-client-sdk/lib/constants'
declare module 'wafer-node-sdk/config'
declare module 'wafer-node-sdk/lib/auth'
declare module 'wafer-node-session'
declare module 'wxsession/plain'
declare module 'wxsession/signed'
declare module 'playwright-core' {
  export const chromium: any
  export type BrowserContext = any
}
declare module 'ws' {
  export const WebSocketServer: any
}
declare module 'wxsession' {
  export const createSession: any
  export type SessionError = any
}

declare module 'wxsession/browser' {
  export const browser: any
  export const byRedirect: any
  export const followSignOut: any
}

/** The simulated one, which measured libraries look for. */
declare const wx: any

declare namespace Express {
  interface Request {
    /** express-session */
    session: any
    /** weapp-session */
    $wxUserInfo: any
    /** The hand-written service that is measured. */
    openid: string
  }
}
