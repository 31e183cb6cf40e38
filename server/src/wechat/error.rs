//! Why a call of WeChat's API failed.

/// Why a call of WeChat's API failed. It contains no secret, and none of WeChat's own words.
#[derive(Debug, thiserror::Error)]
pub enum WeChatError {
    /// The server speaks for several mini programs, and none was named.
    #[error("`appid` is missing; this server signs users in for several mini programs")]
    AppidMissing,
    /// The mini program is not one of this server's.
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
    /// WeChat does not accept the appid or its secret, does not accept them from this machine, or has closed the interface
    /// to the mini program.
    #[error(
        "WeChat refuses the mini program with errcode {errcode}: check the appid, its secret (40243: it is frozen), the \
         addresses that its settings allow (40164, 895xx), and whether WeChat has closed the interface or the account \
         (48xxx, 500xx)"
    )]
    Misconfigured {
        /// WeChat's own code.
        errcode: i64,
    },
    /// WeChat has refused the mini program a moment ago, and is not asked again so soon.
    #[error("WeChat refused the mini program a moment ago, which only an operator can mend")]
    StillMisconfigured,
    /// WeChat does not accept the access token.
    #[error("WeChat refuses the access token")]
    TokenRefused,
    /// WeChat says that it is busy.
    #[error("WeChat says that it is busy")]
    Busy,
    /// WeChat takes no more calls for a while.
    #[error("WeChat {0}")]
    Unavailable(&'static str),
    /// WeChat has failed so often that it is left alone for a while.
    #[error("WeChat failed too often and is left alone for a while")]
    LeftAlone,
    /// There is no room for another call.
    #[error("too many calls wait for WeChat already")]
    Full,
    /// WeChat cannot be reached, or the connection broke.
    #[error("WeChat cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// WeChat did not answer in time.
    #[error("WeChat did not answer in time")]
    Late,
    /// The answer cannot be trusted.
    #[error("WeChat's answer {0}")]
    BadAnswer(&'static str),
    /// WeChat answered with a code that has no meaning here.
    #[error("WeChat answered with errcode {0}")]
    UnknownErrcode(i64),
}

impl WeChatError {
    /// Whether the error shows that WeChat is not well. All other errors are answers of a healthy WeChat, also
    /// those that a hostile client can provoke.
    pub fn blames_wechat(&self) -> bool {
        match self {
            Self::Busy
            | Self::Unavailable(_)
            | Self::Unreachable(_)
            | Self::Late
            | Self::BadAnswer(_) => true,
            Self::AppidMissing
            | Self::AppidUnknown
            | Self::CodeInvalid
            | Self::UserBlocked
            | Self::RateLimited
            | Self::Misconfigured { .. }
            | Self::StillMisconfigured
            | Self::TokenRefused
            | Self::LeftAlone
            | Self::Full
            | Self::UnknownErrcode(_) => false,
        }
    }

    /// Whether WeChat cannot have used the code up, so that it may be sent once more: WeChat said that it was
    /// busy, or no connection was made.
    pub fn leaves_a_code_good(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Unreachable(error) => error.is_connect(),
            _ => false,
        }
    }
}
