// Written by `cargo xtask package` from src/error.rs, src/flow.rs, src/numbers.rs, src/policy.rs and src/session.rs: change those.

/** Every code, its message, and 1 if a sign-in fails with it. The module passes a code as its place here. */
export const CODES = [
  ["invalid_option", "an option is wrong"],
  ["unsupported", "WebAssembly is missing: import wxsession/plain"],
  ["load_failed", "wxsession.wasm.br did not load: build npm, or set wasmPath"],
  ["storage_key_in_use", "storageKey is in use: share one session"],
  ["aborted", "aborted"],
  ["request_failed", "the call failed: see errMsg"],
  ["signed_out", "signed out: call login()"],
  ["session_replaced", "the session was replaced elsewhere: ask the user, then call login()"],
  ["session_revoked", "the session was ended elsewhere: ask the user, then call login()"],
  ["sign_in_paused", "the last sign-in failed: wait retryAfter ms or call login()"],
  ["login_failed", "login gave no code: see cause", 1],
  ["login_timeout", "login did not answer: call again, or raise loginTimeout", 1],
  ["login_data_failed", "loginData failed: see cause", 1],
  ["login_data_timeout", "loginData did not answer: call again, or raise loginDataTimeout", 1],
  ["network", "the server was not reached: check network and allowed domains", 1],
  ["interrupted", "interrupted: call again in the foreground", 1],
  ["exchange_timeout", "the server did not answer: call again, or raise exchangeTimeout", 1],
  ["server_unavailable", "the server failed: call again later", 1],
  ["rate_limited", "too many sign-ins: wait retryAfter ms", 1],
  ["code_invalid", "the code was refused: check the server's appid and secret", 1],
  ["user_blocked", "the user is blocked", 1],
  ["misconfigured", "the server's appid or secret is wrong: call its operator", 1],
  ["exchange_rejected", "the server refused: see problem", 1],
  ["bad_answer", "the answer has no sessionid: check loginUrl", 1],
  ["sign_in_needed", "not signed in: call login()", 1],
] as const

/** What an app sees, in the order of the numbers that the module passes. */
export const PHASES = ["signed-out", "signing-in", "signed-in", "ended"] as const

/** The same by their numbers. */
export const enum Phase {
  SignedOut = 0,
  SigningIn = 1,
  SignedIn = 2,
  Ended = 3,
}

/** What becomes of a ticket that does not fail. */
export const enum Outcome {
  Go = -1,
  Deliver = -2,
}

/** What a ticket wants. */
export const enum Want {
  Call = 0,
  CallByHand = 1,
  Optional = 2,
  Login = 3,
  NewLogin = 4,
  Attempt = 5,
}

/** What the core asks for. */
export const enum Errand {
  Keep = 0,
  Changed = 1,
  End = 2,
  Sleep = 3,
  AskCode = 4,
  Prepare = 5,
  Post = 6,
  Withdraw = 7,
  Settle = 8,
}

/** In place of a status, if an exchange was not answered. */
export const enum Reply {
  Unreachable = 65536,
  Interrupted = 65537,
  TimedOut = 65538,
}

/** The status of an answer that refuses the session. */
export const REFUSAL_STATUS = 401

/** The versions of a stored session and of a stored ending. Anything else in storage is ignored. */
export const STORED_VERSION = 1
export const ENDING_VERSION = 2

/** Every reason for which only a login signs in again, by the number of its code. The first is `signed_out`. */
export const ENDINGS = [6, 7, 8]
export const SIGNED_OUT = 6
