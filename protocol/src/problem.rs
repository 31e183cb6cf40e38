//! What can go wrong, as both sides name it.

use serde::{Deserialize, Serialize};

/// The authentication scheme that a 401 names in `WWW-Authenticate`.
pub const CHALLENGE_SCHEME: &str = "WxSession";

/// The stable name of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemCode {
    /// No session id, or a forged one.
    SessionMissing,
    /// A true session id without a live session behind it.
    SessionExpired,
    /// Another device's sign-in pushed the session out.
    SessionReplaced,
    /// The user's other device, or an administrator, ended the session.
    SessionRevoked,
    /// WeChat does not know the login code, or it was used before.
    CodeInvalid,
    /// WeChat or this service has blocked the user.
    UserBlocked,
    /// The internal listener's token is missing or wrong. Not a 401: a proxy would pass that on, and every
    /// client would sign in anew.
    Forbidden,
    /// Too many requests; try again after `Retry-After`.
    RateLimited,
    /// The request cannot be understood; `detail` names the field.
    BadRequest,
    /// No such path.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// The body is too large.
    BodyTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The headers are too large.
    HeadersTooLarge,
    /// WeChat answered something that cannot be trusted.
    WechatBadAnswer,
    /// WeChat cannot be reached, or says that it is busy.
    WechatUnavailable,
    /// WeChat did not answer in time.
    WechatTimeout,
    /// The store cannot be reached. Never a 401: that would send every client to WeChat at once.
    StoreUnavailable,
    /// Too much is in flight already.
    ServerBusy,
    /// The appid or its secret is wrong; an operator must act.
    Misconfigured,
}

impl ProblemCode {
    /// Every code.
    pub const ALL: [Self; 20] = [
        Self::SessionMissing,
        Self::SessionExpired,
        Self::SessionReplaced,
        Self::SessionRevoked,
        Self::CodeInvalid,
        Self::UserBlocked,
        Self::Forbidden,
        Self::RateLimited,
        Self::BadRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::HeadersTooLarge,
        Self::WechatBadAnswer,
        Self::WechatUnavailable,
        Self::WechatTimeout,
        Self::StoreUnavailable,
        Self::ServerBusy,
        Self::Misconfigured,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionMissing => "session_missing",
            Self::SessionExpired => "session_expired",
            Self::SessionReplaced => "session_replaced",
            Self::SessionRevoked => "session_revoked",
            Self::CodeInvalid => "code_invalid",
            Self::UserBlocked => "user_blocked",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::BadRequest => "bad_request",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::HeadersTooLarge => "headers_too_large",
            Self::WechatBadAnswer => "wechat_bad_answer",
            Self::WechatUnavailable => "wechat_unavailable",
            Self::WechatTimeout => "wechat_timeout",
            Self::StoreUnavailable => "store_unavailable",
            Self::ServerBusy => "server_busy",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// The HTTP status that carries it.
    pub const fn status(self) -> u16 {
        match self {
            Self::SessionMissing
            | Self::SessionExpired
            | Self::SessionReplaced
            | Self::SessionRevoked
            | Self::CodeInvalid => 401,
            Self::UserBlocked | Self::Forbidden => 403,
            Self::RateLimited => 429,
            Self::BadRequest => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::HeadersTooLarge => 431,
            Self::WechatBadAnswer => 502,
            Self::WechatUnavailable | Self::StoreUnavailable | Self::ServerBusy => 503,
            Self::WechatTimeout => 504,
            Self::Misconfigured => 500,
        }
    }

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
