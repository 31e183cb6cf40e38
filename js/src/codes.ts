// Written by `cargo xtask package` from the table in src/error.rs: change that one.

/** Every code and its message; the module passes a code as its place in this table. */
export const CODES = [
  ["invalid_option", "an option is wrong"],
  ["unsupported", "WXWebAssembly is missing here: base library 2.14.0 or later has it; when debugging on a device, use preview or remote debugging 2.0"],
  ["load_failed", "wxsession.wasm.br could not be loaded: build npm in the developer tools, or point wasmPath at the copy in the program's package; the next call tries again"],
  ["storage_key_in_use", "a session with this storageKey exists already: create it once and share it, or choose another storageKey"],
  ["aborted", "the call was aborted"],
  ["request_failed", "wx could not make the call: see errMsg"],
  ["signed_out", "signed out: call login() to sign in again"],
  ["session_replaced", "signed in on another device: ask the user, then call login()"],
  ["session_revoked", "the session was ended elsewhere: ask the user, then call login()"],
  ["sign_in_paused", "the last sign-in failed: wait retryAfter milliseconds, or call login()"],
  ["login_failed", "wx.login gave no code: see cause.errMsg"],
  ["login_timeout", "wx.login did not answer in time: try again, or raise loginTimeout"],
  ["network", "the server could not be reached to sign in: check the network, and that the origin of loginUrl is an allowed domain"],
  ["interrupted", "the sign-in was interrupted: try again when the app is in the foreground"],
  ["exchange_timeout", "the server did not answer the sign-in in time: try again, or raise exchangeTimeout"],
  ["server_unavailable", "the server could not sign in just now: try again later"],
  ["rate_limited", "too many sign-ins: wait retryAfter milliseconds"],
  ["code_invalid", "WeChat refused the login code: check that the server has the appid and secret of this mini program"],
  ["user_blocked", "this user is blocked"],
  ["misconfigured", "the server's WeChat appid or secret is wrong: its operator must correct it"],
  ["exchange_rejected", "the server rejected the sign-in: see cause.statusCode, and check loginUrl and loginMethod"],
  ["bad_answer", "the server's answer to the sign-in has no sessionid: check loginUrl"],
] as const
