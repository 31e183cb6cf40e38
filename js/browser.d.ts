import type { Session, SessionHost } from './index'

/** What a host for browsers is made of. A wrong or unknown option throws `invalid_option`. */
export interface BrowserOptions {
  /**
   * The app's own sign-in in a browser, in place of `wx.login`: gives the code that the app's server exchanges. It is called
   * for every sign-in, renewals included, and each time has to give a fresh code. What it throws or rejects with fails the
   * sign-in with `login_failed`. It has `loginTimeout`, 5 seconds by default; raise that if the user is asked. Default: a
   * random code, for apps whose users sign in only by what they type, with `session.login({ method, … })`.
   *
   * @example
   * ```ts
   * browser({ login: async () => (await fetch('/code', { method: 'POST' })).text() })
   * ```
   */
  login?: (() => string | PromiseLike<string>) | undefined
  /**
   * Where the session is kept from one page to the next: `localStorage`, the default, or `sessionStorage`, which belongs to
   * one tab and is empty once the tab is closed.
   */
  storage?: BrowserStorage | undefined
  /**
   * Whether cookies go with calls; default `'omit'`, because a mini program has none. Uploads always take the cookies of the
   * page's own origin along, and those of other origins with `'include'`.
   */
  credentials?: 'omit' | 'same-origin' | 'include' | undefined
  /**
   * Names the subprotocols by which a socket takes its headers along, because a browser's WebSocket has no headers. The
   * server has to read the session from there, and to choose a protocol that is no secret. Without this function, a socket
   * with headers, such as the session's, fails with `request_failed`.
   *
   * @example
   * ```ts
   * browser({ socketProtocols: ({ sessionid }) => ['chat', `sessionid.${sessionid}`] })
   * ```
   */
  socketProtocols?: ((header: { readonly [name: string]: string }) => readonly string[]) | undefined
}

/** The part of a browser's `Storage` that keeps a session. */
export interface BrowserStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** All of a host's methods. */
export type BrowserHost = Required<Omit<SessionHost, 'trace'>>

/**
 * A host for H5 builds and other pages: wx's methods, made of what browsers have. Pass it as the session's `host`.
 *
 * @example
 * ```ts
 * const session = createSession({ loginUrl: 'https://api.example.com/h5/onlogin', host: browser({ login }) })
 * ```
 */
export function browser(options?: BrowserOptions): BrowserHost

/**
 * A `login` that leaves the page for another site, which sends the browser back with a code (OAuth 2, 微信网页授权).
 * `authorize` returns the URL to go to, which has to name `back`, the page's address without its fragment, and `state`.
 * Call it while the page starts: it takes the code out of the address. The page goes at most three times a minute. If
 * the other site names an error, the sign-in fails with `login_failed`. With `signIn: 'manual'`, call `session.login()` where the
 * page starts and `isBack` is true.
 *
 * @example
 * ```ts
 * const login = byRedirect((back, state) => `https://sso.example.com/authorize?${new URLSearchParams({
 *   client_id: 'shop', response_type: 'code', redirect_uri: back, state,
 * })}`)
 * ```
 */
export function byRedirect(authorize: (back: string, state: string) => string): RedirectLogin

/** What {@link byRedirect} returns. */
export interface RedirectLogin {
  (): Promise<string>
  /** Whether the page has just come back with a code. */
  readonly isBack: boolean
}

/**
 * Signs out here as soon as the user signs out in another tab of the same browser. `storageKey` is the session's; default
 * `'wxsession'`. Returns a function that ends that.
 *
 * @example
 * ```ts
 * followSignOut(session)
 * ```
 */
export function followSignOut(session: Session, storageKey?: string): () => void
