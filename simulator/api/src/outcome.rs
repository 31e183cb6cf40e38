//! The outcomes of a call: one table of WeChat's errcodes and texts.

use serde::Serialize;

/// How one call of WeChat's API ended.
///
/// WeChat documents -1, 40029, 45011 and 40226. Users of the live API report the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    /// The code was good. An exchange returns `openid` and `session_key`, without an errcode.
    #[serde(rename = "ok")]
    SignedIn,
    /// -1: WeChat is busy.
    #[serde(rename = "-1")]
    Busy,
    /// 40001: WeChat never issued this access token, or a newer token has replaced it.
    #[serde(rename = "40001")]
    InvalidToken,
    /// 40002: `grant_type` is not `authorization_code`.
    #[serde(rename = "40002")]
    WrongGrantType,
    /// 40003: the code belongs to another user. Assumed: WeChat documents `openid` but not the answer to a wrong one.
    #[serde(rename = "40003")]
    WrongOpenid,
    /// 40013: no such appid, or the code belongs to another appid.
    #[serde(rename = "40013")]
    WrongAppid,
    /// 40029: WeChat never issued this code to this appid, or the code is older than five minutes.
    #[serde(rename = "40029")]
    InvalidCode,
    /// 40125: the secret does not belong to the appid.
    #[serde(rename = "40125")]
    WrongSecret,
    /// 40163: the code was exchanged before.
    #[serde(rename = "40163")]
    UsedCode,
    /// 40226: WeChat blocks this user.
    #[serde(rename = "40226")]
    BlockedUser,
    /// 40243: the secret is frozen.
    #[serde(rename = "40243")]
    FrozenSecret,
    /// 41001: no access token.
    #[serde(rename = "41001")]
    MissingToken,
    /// 41002: no appid.
    #[serde(rename = "41002")]
    MissingAppid,
    /// 41004: no secret.
    #[serde(rename = "41004")]
    MissingSecret,
    /// 41008: no code.
    #[serde(rename = "41008")]
    MissingCode,
    /// 42001: the access token has expired.
    #[serde(rename = "42001")]
    ExpiredToken,
    /// 45009: the mini program's daily quota is used up.
    #[serde(rename = "45009")]
    OverQuota,
    /// 45011: too many exchanges of this user within a minute.
    #[serde(rename = "45011")]
    TooOften,
    /// `{}`: a success without a user.
    #[serde(rename = "empty")]
    Empty,
    /// An HTML page instead of JSON, as a gateway sends it.
    #[serde(rename = "not_json")]
    NotJson,
    /// The connection was reset before the call was judged.
    #[serde(rename = "reset")]
    Reset,
    /// The call was never answered.
    #[serde(rename = "hang")]
    Hung,
}

impl Outcome {
    /// The errcode and WeChat's text, or `None` where WeChat sends no errcode.
    pub fn failure(self) -> Option<(i32, &'static str)> {
        Some(match self {
            Self::Busy => (-1, "system error"),
            Self::InvalidToken => (
                40001,
                "invalid credential, access_token is invalid or not latest",
            ),
            Self::WrongGrantType => (40002, "invalid grant_type"),
            Self::WrongOpenid => (40003, "invalid openid"),
            Self::WrongAppid => (40013, "invalid appid"),
            Self::InvalidCode => (40029, "invalid code"),
            Self::WrongSecret => (40125, "invalid appsecret"),
            Self::UsedCode => (40163, "code been used"),
            Self::BlockedUser => (40226, "code blocked"),
            Self::FrozenSecret => (40243, "appsecret is frozen"),
            Self::MissingToken => (41001, "access_token missing"),
            Self::MissingAppid => (41002, "appid missing"),
            Self::MissingSecret => (41004, "appsecret missing"),
            Self::MissingCode => (41008, "missing code"),
            Self::ExpiredToken => (42001, "access_token expired"),
            Self::OverQuota => (45009, "reach max api daily quota limit"),
            Self::TooOften => (
                45011,
                "api minute-quota reach limit, mustslower, retry next minute",
            ),
            Self::SignedIn | Self::Empty | Self::NotJson | Self::Reset | Self::Hung => return None,
        })
    }
}

/// The user behind a code. It has no `Debug` because the session key is a secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Identifies the user within one mini program; it never changes.
    pub openid: String,
    /// Signs and encrypts the user's data: 16 bytes in base64, new at each sign-in.
    pub session_key: String,
    /// Identifies the user across the mini programs that one company has linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unionid: Option<String>,
}
