//! How a call fails, without the secrets that wx or a server may repeat.

use std::fmt;

use wasm_bindgen::JsValue;
use wxsession::error::{ErrorCode, Failure, Stage};

use crate::redact::hide;
use crate::wx::{number, property, text};

/// A failed call. Never holds a login code, a session id or credentials.
///
/// ```
/// use wxsession_async::{Error, ErrorCode};
///
/// fn message(error: &Error) -> String {
///     match error.code {
///         ErrorCode::UserBlocked => "This account is blocked.".into(),
///         ErrorCode::Network => "Check the network and try again.".into(),
///         _ => error.to_string(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What went wrong.
    pub code: ErrorCode,
    /// Milliseconds to wait before trying again; zero if no time is known.
    pub retry_after: u32,
    /// What wx or the server said, if one of them was asked.
    pub cause: Cause,
}

/// What wx or the server said about a failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cause {
    /// The text from wx, such as `request:fail timeout`.
    pub err_msg: Option<String>,
    /// The number from wx.
    pub errno: Option<i32>,
    /// The HTTP status, if the server answered.
    pub status: Option<u16>,
    /// Of `sign_in_paused`: the code of the sign-in that failed.
    pub code: Option<ErrorCode>,
    /// Of a sign-in that the server refused: the problem that its answer names, such as `credentials_wrong` or one of the app's
    /// own.
    pub named: Option<String>,
    /// What the server said of a sign-in that it refused: the body of its answer as JSON, without secrets.
    pub problem: Option<String>,
}

impl Error {
    /// A failure that the core found. Only the failures of a sign-in, of `wx.login` or of the exchange, have a cause, and
    /// the pause after one, which has `failed` for its code.
    pub(crate) fn of_the_core(
        failure: Failure,
        of_sign_in: Cause,
        failed: Option<ErrorCode>,
    ) -> Self {
        let cause = match (failure.code, failure.code.stage()) {
            (ErrorCode::SignInPaused, _) => Cause {
                code: failed,
                ..of_sign_in
            },
            (_, Stage::SignIn) => of_sign_in,
            (_, Stage::Call) => Cause::default(),
        };
        Self {
            code: failure.code,
            retry_after: failure.retry_after,
            cause,
        }
    }

    /// A failure that this crate found.
    pub(crate) fn new(code: ErrorCode, cause: Cause) -> Self {
        Self {
            code,
            retry_after: 0,
            cause,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code.message())?;
        match &self.cause.err_msg {
            Some(said) => write!(out, " ({said})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl Cause {
    /// What wx or a server gave, without the secrets.
    pub(crate) fn redacted<'a>(
        given: &JsValue,
        secrets: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let said = text(given)
            .or_else(|| text(&property(given, "errMsg")))
            .or_else(|| text(&property(given, "message")));
        let err_msg = said.map(|said| {
            secrets
                .into_iter()
                .fold(said, |said, secret| hide(&said, secret))
        });
        // Douyin spells it `errNo`.
        let errno = number(&property(given, "errno")).or_else(|| number(&property(given, "errNo")));
        Self {
            err_msg,
            errno: errno.map(|errno| errno as i32),
            status: number(&property(given, "statusCode")).map(|status| status as u16),
            ..Self::default()
        }
    }
}
