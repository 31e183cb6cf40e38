//! What can go wrong, as both sides name it.

use serde::{Deserialize, Serialize};

/// The authentication scheme that a 401 names in `WWW-Authenticate`, and `proof_late` too, with the server's time:
/// `WxSession error="proof_late", now=1764460800`.
pub const CHALLENGE_SCHEME: &str = "WxSession";

/// Makes the enum and its table from one list, so that the two cannot differ.
macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $status:literal, $title:literal;)+) => {
        /// The stable name of a failure.
        ///
        /// ```
        /// use wxsession_protocol::ProblemCode;
        ///
        /// let code = ProblemCode::parse("session_expired");
        /// assert_eq!(code, Some(ProblemCode::SessionExpired));
        /// assert_eq!(ProblemCode::SessionExpired.status(), 401);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The HTTP status that carries the code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// One line for people, the same for every occurrence of the code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_codes! {
    /// No session id, or a forged one.
    SessionMissing = "session_missing", 401,
        "No session id, or not one of ours";
    /// A genuine session id without a live session behind it.
    SessionExpired = "session_expired", 401,
        "The session has expired";
    /// A sign-in on another device pushed the session out.
    SessionReplaced = "session_replaced", 401,
        "The session was replaced by a sign-in on another device";
    /// The user ended the session from another device, or an administrator did.
    SessionRevoked = "session_revoked", 401,
        "The session was revoked";
    /// WeChat does not know the login code, or it was used before.
    CodeInvalid = "code_invalid", 401,
        "The login code is unknown or was used before";
    /// Nobody may be signed in silently; the user has to.
    SignInNeeded = "sign_in_needed", 401,
        "The user has to sign in";
    /// A name, a password or another proof is wrong. It does not tell which.
    CredentialsWrong = "credentials_wrong", 401,
        "The credentials are wrong";
    /// The code that was sent to the user is wrong.
    ChallengeWrong = "challenge_wrong", 401,
        "The code is wrong";
    /// The code that was sent to the user has expired, or was tried too often.
    ChallengeOver = "challenge_over", 401,
        "The code is over: ask for another one";
    /// It takes a recent proof of who the user is; `methods` names the ways.
    ProofNeeded = "proof_needed", 403,
        "The user has to sign in again to do this";
    /// The sign-in takes one more step; `ask` names it, and `state` goes with the answer.
    MoreNeeded = "more_needed", 403,
        "The sign-in takes one more step";
    /// The third party, or its user, has refused.
    AccessDenied = "access_denied", 403,
        "The third party has refused";
    /// The identity is another account's.
    IdentityTaken = "identity_taken", 409,
        "The identity belongs to another account";
    /// Without this identity nobody could sign in to the account.
    LastIdentity = "last_identity", 409,
        "Nobody could sign in to the account without this identity";
    /// The password must not be chosen; `reason` says why.
    PasswordWeak = "password_weak", 422,
        "The password is too weak";
    /// The server does not know this method of signing in.
    MethodUnknown = "method_unknown", 400,
        "The server does not know this method of signing in";
    /// The accounts cannot be reached. Never a 401: that would sign users out.
    AccountsUnavailable = "accounts_unavailable", 503,
        "The accounts cannot be reached";
    /// WeChat or this service has blocked the user.
    UserBlocked = "user_blocked", 403,
        "The user is blocked";
    /// The internal listener's token is missing or wrong. Not a 401: a proxy would pass that on, and every
    /// client would sign in anew.
    Forbidden = "forbidden", 403,
        "The token of the internal listener is missing or wrong";
    /// Too many requests; try again after `Retry-After`.
    RateLimited = "rate_limited", 429,
        "Too many requests";
    /// The request cannot be understood; `detail` names the field.
    BadRequest = "bad_request", 400,
        "The request cannot be understood";
    /// No such path.
    NotFound = "not_found", 404,
        "There is nothing at this path";
    /// The path does not take this method.
    MethodNotAllowed = "method_not_allowed", 405,
        "The path does not take this method";
    /// The body is too large.
    BodyTooLarge = "body_too_large", 413,
        "The body is too large";
    /// The body is not JSON.
    UnsupportedMediaType = "unsupported_media_type", 415,
        "The body is not JSON";
    /// The headers are too large.
    HeadersTooLarge = "headers_too_large", 431,
        "The headers are too large";
    /// WeChat's answer cannot be trusted.
    WechatBadAnswer = "wechat_bad_answer", 502,
        "WeChat gave an answer that cannot be trusted";
    /// WeChat cannot be reached, or says that it is busy.
    WechatUnavailable = "wechat_unavailable", 503,
        "WeChat cannot be reached or is busy";
    /// WeChat did not answer in time.
    WechatTimeout = "wechat_timeout", 504,
        "WeChat did not answer in time";
    /// The store cannot be reached. Never a 401: that would send every client to WeChat at once.
    StoreUnavailable = "store_unavailable", 503,
        "The sessions cannot be reached";
    /// Too much is in flight already.
    ServerBusy = "server_busy", 503,
        "The server is busy";
    /// The appid or its secret is wrong; an operator must act.
    Misconfigured = "misconfigured", 500,
        "The server is misconfigured; its operator must act";
    /// The session takes signed requests, and this one is not signed. Not a 401: where a proxy drops headers, every request
    /// would cost a sign-in.
    ProofMissing = "proof_missing", 403,
        "The session takes signed requests, and this one is not signed";
    /// The signature has another form, or is not of this request.
    ProofInvalid = "proof_invalid", 403,
        "The signature is not of this request";
    /// The signature is genuine, and was made too early or too late; `now` is the server's time.
    ProofLate = "proof_late", 403,
        "The request was signed too long ago, or by a clock that is wrong";
    /// A request with this signature was served before.
    ProofReplayed = "proof_replayed", 403,
        "A request with this signature was served before";
    /// The server signs in only clients that sign their requests.
    ProofRequired = "proof_required", 403,
        "The server takes signed requests only";
    /// The app's backend takes no connection, or answers nothing that can be passed on.
    UpstreamUnavailable = "upstream_unavailable", 502,
        "The backend cannot be reached";
    /// The app's backend has not begun to answer in time.
    UpstreamTimeout = "upstream_timeout", 504,
        "The backend did not answer in time";
}

impl ProblemCode {
    /// The code of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }
}

/// The body of every failure (RFC 9457, with `code` as an extension). Its `type` is `about:blank`, so it
/// is left out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// One line for people, the same for every occurrence of the code.
    pub title: String,
    /// What was wrong this time and what to do about it; never a secret, never WeChat's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The stable code.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::ProblemCode;

    #[test]
    fn every_code_is_found_by_its_own_name_and_no_other() {
        for code in ProblemCode::ALL {
            assert_eq!(ProblemCode::parse(code.as_str()), Some(code));
        }
        assert_eq!(ProblemCode::parse("session_Expired"), None);
        assert_eq!(ProblemCode::parse(""), None);
    }
}
