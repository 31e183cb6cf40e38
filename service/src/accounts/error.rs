//! Why the hook gave no answer that counts.

use reqwest::StatusCode;

use crate::guard::{CallError, Ended, Why};

/// Why the hook gave no answer that counts. It contains no credential, no address, and none of the hook's own words.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The hook has failed so often that it is left alone for a while.
    #[error("the accounts hook failed too often and is left alone for a while")]
    LeftAlone,
    /// There is no room for another call.
    #[error("too many calls wait for the accounts hook already")]
    Full,
    /// The hook cannot be reached, or the connection broke.
    #[error("the accounts hook cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The hook did not answer in time.
    #[error("the accounts hook did not answer in time")]
    Late,
    /// The status has no meaning here.
    #[error(
        "the accounts hook answered with status {0}; it must be 200, 400, 401, 403, 409 or 429, and 400 only to a \
         method that the client named"
    )]
    Status(StatusCode),
    /// The hook asks this server to sign in.
    #[error(
        "the accounts hook answered 401 with WWW-Authenticate, which asks this server to sign in; give it the token \
         that it wants with --accounts-hook-token-file"
    )]
    TokenRefused,
    /// The answer cannot be trusted.
    #[error("the accounts hook's answer {0}")]
    BadAnswer(&'static str),
}

impl CallError for HookError {
    const FULL: Self = Self::Full;
    const LATE: Self = Self::Late;

    fn left_alone(_: Why) -> Self {
        Self::LeftAlone
    }

    fn ended(&self) -> Ended {
        match self {
            Self::Unreachable(_) => Ended::Unreachable,
            Self::Late => Ended::Late,
            Self::Status(status) if status.is_server_error() => Ended::Busy,
            // A client can provoke it: a backend may refuse what it cannot read.
            Self::Status(status) if status.is_client_error() => Ended::Answered,
            Self::Status(_) | Self::BadAnswer(_) | Self::TokenRefused => Ended::BadAnswer,
            Self::LeftAlone | Self::Full => Ended::Answered,
        }
    }

    /// A password must not be checked twice, because the user database counts wrong ones.
    fn may_be_retried(&self) -> bool {
        false
    }
}

/// The address may contain a secret, so it is taken out of the error first.
pub(super) fn unreachable(error: reqwest::Error) -> HookError {
    HookError::Unreachable(error.without_url())
}
