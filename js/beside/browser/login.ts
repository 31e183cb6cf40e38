import type { BrowserOptions } from '../../browser'

/** `wx.login` by the app's own sign-in. */
export const loginBy =
  (login: NonNullable<BrowserOptions['login']> = unique) =>
  ({ success, fail }: any): void => {
    // What the app throws is a failure like any other.
    new Promise((resolve) => resolve(login())).then(
      (code) => success({ code, errMsg: 'login:ok' }),
      (error) => fail({ errMsg: 'login:fail ' + Object(error).message }),
    )
  }

/** A code that names nobody, for an app whose users sign in by what they type. A server can still tell a post that is repeated. */
const unique = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')
