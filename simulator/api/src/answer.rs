//! What a call comes to: one table of WeChat's errcodes and texts.

use serde::Serialize;

/// How one call of WeChat's API ended.
///
/// Documented by WeChat: -1, 40029, 45011, 40226. The others are what the live API answers, as its users
/// report them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    /// The code was good: for an exchange `openid` and `session_key`, no errcode.
    #[serde(rename = "ok")]
    SignedIn,
    /// -1: WeChat is busy.
    #[serde(rename = "-1")]
    Busy,
    /// 40001: no access token of WeChat's, or one that a newer one has replaced.
    #[serde(rename = "40001")]
    InvalidToken,
    /// 40002: `grant_type` is not `authorization_code`.
    #[serde(rename = "40002")]
    WrongGrantType,
    /// 40003: the code is another user's. Assumed: WeChat documents the `openid`, and not what a wrong one gives.
    #[serde(rename = "40003")]
    WrongOpenid,
    /// 40013: no such appid, or a code of another one's.
    #[serde(rename = "40013")]
    WrongAppid,
    /// 40029: WeChat never issued this code to this appid, or its five minutes are over.
    #[serde(rename = "40029")]
    InvalidCode,
    /// 40125: the secret is not the appid's.
    #[serde(rename = "40125")]
    WrongSecret,
    /// 40163: the code was exchanged before.
    #[serde(rename = "40163")]
    UsedCode,
    /// 40226: WeChat blocks this user.
    #[serde(rename = "40226")]
    BlockedUser,
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
    /// 42001: the access token's time is over.
    #[serde(rename = "42001")]
    ExpiredToken,
    /// 45009: the mini program's daily quota is used up.
    #[serde(rename = "45009")]
    OverQuota,
    /// 45011: this user was exchanged too often within a minute.
    #[serde(rename = "45011")]
    TooOften,
    /// `{}`: a success that names nobody.
    #[serde(rename = "empty")]
    Empty,
    /// A page instead of JSON, as a gateway sends it.
    #[serde(rename = "not_json")]
    NotJson,
    /// The connection was reset before the call was judged.
    #[serde(rename = "reset")]
    Reset,
    /// No answer.
    #[serde(rename = "hang")]
    Hung,
}

impl Outcome {
    /// The errcode and WeChat's text for it, where the outcome is one of WeChat's failures.
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

/// Whom a code stands for. The session key is a secret, so there is no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The user within one mini program, for ever the same.
    pub openid: String,
    /// What the user's data is signed and encrypted with: 16 bytes in base64, new at each sign-in.
    pub session_key: String,
    /// The user across one company's mini programs, where it has linked them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unionid: Option<String>,
}
