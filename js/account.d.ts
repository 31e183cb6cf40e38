import type { Session, SessionCredentials, SessionError, SessionHost, SessionProblemCode } from './index'

/** The account routes of wxsession's server, over one session. Every method rejects with an {@link AccountError}. */
export interface Account {
  /**
   * Who is signed in, and the ways in. A guest has no identities.
   *
   * @example
   * ```ts
   * const { guest, identities } = await account.get()
   * ```
   */
  get(): Promise<AccountState>
  /**
   * Has a code sent, or asks for the nonce of an id_token. Needs no session, so that a forgotten password can be replaced:
   * without one, a fresh login code says who asks. The answer does not tell whether the identifier exists.
   *
   * @example
   * ```ts
   * await account.challenge({ purpose: 'sign_in', identifier: '+8613800138000' })
   * await session.login({ method: 'code', identifier: '+8613800138000', otp })
   * ```
   */
  challenge(wanted: ChallengeWanted): Promise<Challenge>
  /**
   * Makes what the credentials show another way in. Needs a recent proof. Adds a fresh login code, so that
   * `{ method: 'wechat' }` links the WeChat user of this phone.
   *
   * @example
   * ```ts
   * await account.link({ method: 'wechat' })
   * ```
   */
  link<Credentials extends { readonly method: string }>(credentials: Credentials): Promise<Identity>
  /**
   * Signs in, or links, at a third party that shows no page in a mini program (the device flow). Calls `attempt` until the
   * user has agreed elsewhere, as often as the third party allows, and `show` before and after each pause. Goes on after the
   * program was in the background or without a network. Rejects with the failure of `attempt`: `access_denied` if the user
   * refused, `challenge_over` if time ran out; with `aborted` if `show` returns `false`.
   *
   * @example
   * ```ts
   * let isShown = true
   * await account.byDevice(
   *   (step) => session.login({ method: 'oidc', issuer: 'school', ...step }),
   *   ({ user_code, verification_uri }) => {
   *     console.log(`Open ${verification_uri} and enter ${user_code}`)
   *     return isShown
   *   },
   * )
   * ```
   */
  byDevice<Result>(
    attempt: (step: DeviceStep) => Promise<Result>,
    show: (ask: DeviceAsk) => boolean | void,
  ): Promise<Result>
  /** Removes a way in, and ends the sessions it made, but for this one. Needs a recent proof. */
  unlink(id: string): Promise<void>
  /** Sets a password, and ends every other session. Needs a recent proof instead of the old password. */
  setPassword(password: string): Promise<void>
  /** The sessions of the account: the devices that are signed in. */
  sessions(): Promise<AccountSession[]>
  /** Ends one of them. */
  endSession(id: string): Promise<void>
  /** Deletes the account for good, and signs out. Needs a recent proof. */
  remove(): Promise<void>
}

/** Who is signed in. */
export interface AccountState {
  /** The user, as other backends see them in the header `x-wx-user`. */
  readonly user: string
  /** Whether the user is nothing but a WeChat user of this program. */
  readonly guest: boolean
  /** Whether a password is set. */
  readonly password: boolean
  readonly identities: Identity[]
  /** Seconds since the user last proved in this session who they are. */
  readonly proved: number
}

/** A way in. */
export interface Identity {
  readonly id: string
  readonly kind: 'wechat' | 'name' | 'phone' | 'email' | 'oidc'
  /** What the user may see, masked: `+86138****8000`. */
  readonly shown: string
  /** Seconds since 1970. */
  readonly since: number
}

/** A device that is signed in. */
export interface AccountSession {
  readonly id: string
  /** Whether it is this one. */
  readonly here: boolean
  /** Seconds since 1970. */
  readonly since: number
  /** Seconds since 1970. */
  readonly used: number
  /** The kind of the identity that it was made by. */
  readonly by: string
  readonly shown: string
}

/** What a challenge is for. `oidc` needs no identifier. */
export interface ChallengeWanted {
  readonly purpose: 'sign_in' | 'link' | 'oidc'
  readonly identifier?: string
  readonly [field: string]: unknown
}

/** Times are in seconds. */
export interface Challenge {
  readonly expires_in: number
  readonly resend_in: number
  /** For `oidc`: what the id_token has to repeat. */
  readonly nonce?: string
}

/** What an attempt of {@link Account.byDevice} adds to its credentials. */
export interface DeviceStep {
  /** Missing in the first attempt. */
  readonly state?: string
}

/** What the user has to do at the third party: the `ask` of `more_needed`. Other kinds have other fields. */
export interface DeviceAsk {
  readonly kind: 'device'
  /** What the user enters at the third party. Ask them to enter only a code that their own phone shows. */
  readonly user_code: string
  /** Where they enter it. */
  readonly verification_uri: string
  /** The same address with the code in it, for a QR code, if the third party has one. */
  readonly verification_uri_complete?: string
  /** Seconds between two attempts. */
  readonly interval: number
  /** Seconds until the code is over. */
  readonly expires_in: number
}

/** What the server names. Another server may name others. */
export type AccountProblem = SessionProblemCode | 'proof_needed' | 'last_identity' | 'accounts_unavailable'

/**
 * A {@link SessionError} whose `code` is the problem that the server names; `request_failed` if it names none. `problem` is
 * the server's document, without what was sent: `methods` of `proof_needed`, `ask` and `state` of `more_needed`, `reason` of
 * `password_weak`. `cause.statusCode` is the status.
 */
export type AccountError = Omit<SessionError, 'code'> & { readonly code: SessionError['code'] | AccountProblem }

/**
 * The account of whoever is signed in to `session`.
 *
 * @example
 * ```ts
 * import { createAccount } from 'wxsession/account'
 *
 * export const account = createAccount(session)
 * ```
 */
export function createAccount(session: Session, options?: AccountOptions): Account

/** Where the server has its routes, and the host that gives login codes. */
export interface AccountOptions {
  /** What the paths begin with; default `/wx`. An absolute URL needs an origin that gets the session. */
  readonly base?: string | undefined
  /** Default: the global `wx`. */
  readonly host?: SessionHost | undefined
}
