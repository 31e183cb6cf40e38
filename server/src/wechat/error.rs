//! Why WeChat gave no answer, or none that helps.

/// Why a call of WeChat's API failed. Nothing in it is secret or in WeChat's words.
#[derive(Debug, thiserror::Error)]
pub enum WeChatError {
    /// The server speaks for several mini programs, and none was named.
    #[error("`appid` is missing; this server signs users in for several mini programs")]
    AppidMissing,
    /// The mini program is none of this server's.
    #[error("`appid` is not one that this server signs users in for")]
    AppidUnknown,
    /// WeChat does not know the code, or it was used before.
    #[error("the code is unknown or was used before")]
    CodeInvalid,
    /// WeChat has blocked the user.
    #[error("WeChat has blocked the user")]
    UserBlocked,
    /// The user signs in too often.
    #[error("WeChat limits how often this user may sign in")]
    RateLimited,
    /// WeChat does not accept the appid or its secret.
    #[error(
        "WeChat refuses the credentials with errcode {errcode}: check the appid and its secret"
    )]
    Misconfigured {
        /// WeChat's own code.
        errcode: i64,
    },
    /// WeChat takes no more just now.
    #[error("WeChat {0}")]
    Busy(&'static str),
    /// WeChat cannot be reached, or the connection broke.
    #[error("WeChat cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// WeChat did not answer in time.
    #[error("WeChat did not answer in time")]
    Late,
    /// The answer is not one that can be trusted.
    #[error("WeChat's answer {0}")]
    BadAnswer(&'static str),
    /// WeChat answered with a code that has no meaning here.
    #[error("WeChat answered with errcode {0}")]
    UnknownErrcode(i64),
}
