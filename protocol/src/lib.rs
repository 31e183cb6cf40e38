//! The wire contract between the wxsession client and its server: paths, header, problem codes, and
//! the types of requests and replies.
//!
//! | call | request | answer |
//! |---|---|---|
//! | sign in | `POST /wx/onlogin` with [`SignIn`], or `GET /wx/onlogin?code=` | 200 with [`SignedIn`] |
//! | any business call | header `sessionid` | the app's answer, or 401 |
//! | sign out | `POST /wx/logout`, with `?all=true` or `?others=true` | 204 |
//! | is the session alive? | `GET /wx/session` | 200 with [`Alive`] |
//!
//! Every failure is `application/problem+json` ([`Problem`]) with a stable [`ProblemCode`]; a 401 repeats
//! the code in `WWW-Authenticate: WxSession error="<code>"`, because proxies drop bodies.
//!
//! With the feature `proof` there is the module `proof`: requests that are signed by a key that the sign-in gave.

mod problem;
#[cfg(feature = "proof")]
pub mod proof;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use problem::{CHALLENGE_SCHEME, Problem, ProblemCode};

/// Sign-in: exchanges the login code for a session.
pub const SIGN_IN_PATH: &str = "/wx/onlogin";
/// Sign-out.
pub const SIGN_OUT_PATH: &str = "/wx/logout";
/// Whether the session in the header is alive, and for how long.
pub const SESSION_PATH: &str = "/wx/session";
/// The header that carries the session id.
pub const SESSION_HEADER: &str = "sessionid";

/// The body of a sign-in, or its query where the method is GET.
///
/// ```
/// use wxsession_protocol::SignIn;
///
/// let request: SignIn = serde_json::from_str(r#"{"code":"0a3Xyz"}"#)?;
/// assert_eq!(request.code, "0a3Xyz");
/// assert!(request.appid.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Serialize, Deserialize)]
pub struct SignIn<'a> {
    /// The code from `wx.login`: single use, valid for five minutes.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    /// The mini program, where the server speaks for several.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<Cow<'a, str>>,
    /// How the user signs in besides by WeChat. The method's own fields stand beside it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Cow<'a, str>>,
    /// The algorithm by which the client would sign its requests: `hmac-sha256`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Cow<'a, str>>,
}

/// The answer to a sign-in. `sessionid` and `key` are secrets, so it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub struct SignedIn {
    /// The session id, opaque to the client.
    pub sessionid: String,
    /// Seconds to the absolute deadline.
    pub expires_in: u64,
    /// Whether the user is nothing but a WeChat user. A server of an earlier version does not say, and knows no others.
    #[serde(default = "everybody")]
    pub guest: bool,
    /// The key that signs the requests of this session: 32 bytes in base64url. A server that takes no signed requests gives
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The server's time in seconds since 1970, beside a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<u64>,
}

fn everybody() -> bool {
    true
}

/// The answer to the question whether a session is alive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Alive {
    /// Seconds to the absolute deadline.
    pub expires_in: u64,
}
