// Written by `cargo xtask package` from the table in src/error.rs: change that one.

/** Every code and its message; the module passes a code as its place in this table. */
export const CODES = [
  ["invalid_option", "an option is wrong"],
  ["unsupported", "WebAssembly is missing: use base library 2.14.0 (Douyin: 2.92.0), and preview or debugging 2.0 on a device"],
  ["load_failed", "wxsession.wasm.br was not loaded: build npm, or set wasmPath"],
  ["storage_key_in_use", "storageKey is in use: create one session and share it"],
  ["aborted", "aborted"],
  ["request_failed", "the call failed: see errMsg"],
  ["signed_out", "signed out: call login()"],
  ["session_replaced", "signed in on another device: ask the user, then call login()"],
  ["session_revoked", "the session was ended elsewhere: ask the user, then call login()"],
  ["sign_in_paused", "the last sign-in failed: wait retryAfter milliseconds or call login()"],
  ["login_failed", "login gave no code: see cause"],
  ["login_timeout", "login did not answer: call again, or raise loginTimeout"],
  ["login_data_failed", "loginData failed: see cause"],
  ["login_data_timeout", "loginData took too long: call again, or raise loginDataTimeout"],
  ["network", "the server was not reached: check the network and the allowed domains"],
  ["interrupted", "the sign-in was interrupted: call again in the foreground"],
  ["exchange_timeout", "the server did not answer: call again, or raise exchangeTimeout"],
  ["server_unavailable", "the server failed: call again later"],
  ["rate_limited", "too many sign-ins: wait retryAfter milliseconds"],
  ["code_invalid", "the login code was refused: check the server's appid and secret"],
  ["user_blocked", "this user is blocked"],
  ["misconfigured", "the server's appid or secret is wrong: call its operator"],
  ["exchange_rejected", "the server rejected the sign-in: see cause, check loginUrl and loginMethod"],
  ["bad_answer", "the server's answer has no sessionid: check loginUrl"],
] as const
