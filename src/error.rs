//! Every way to fail, in one table.
//!
//! The package build writes the shim's table from [`ErrorCode::ALL`], and tests compare the documents with it. The module
//! passes a code as its number, so only the shim contains the texts.

/// Makes the enum and its table from one list, so that they cannot differ.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $stage:ident, $message:literal;)+) => {
        /// The stable name of a failure.
        ///
        /// ```
        /// use wxsession::error::{ErrorCode, Stage};
        ///
        /// assert_eq!(ErrorCode::LoginFailed.name(), "login_failed");
        /// assert_eq!(ErrorCode::LoginFailed.stage(), Stage::SignIn);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that an app compares with.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Where the failure happens.
            pub const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage),+ }
            }

            /// What happened and what to do about it.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }
    };
}

/// Where a failure happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// During set-up or in a call; no sign-in is to blame.
    Call,
    /// In a sign-in. The error carries the last answer of wx or the server as its cause.
    SignIn,
}

codes! {
    /// An option is unknown, missing or of the wrong type.
    InvalidOption = "invalid_option", Call,
        "an option is wrong";
    /// The runtime cannot run WebAssembly.
    Unsupported = "unsupported", Call,
        "WebAssembly is missing: import wxsession/plain";
    /// The WebAssembly file could not be loaded.
    LoadFailed = "load_failed", Call,
        "wxsession.wasm.br did not load: build npm, or set wasmPath";
    /// Another session of this program uses the same storage key.
    StorageKeyInUse = "storage_key_in_use", Call,
        "storageKey is in use: share one session";
    /// `abort()` was called.
    Aborted = "aborted", Call,
        "aborted";
    /// wx failed the call itself.
    RequestFailed = "request_failed", Call,
        "the call failed: see errMsg";
    /// The app signed out.
    SignedOut = "signed_out", Call,
        "signed out: call login()";
    /// Another device's sign-in pushed the session out.
    SessionReplaced = "session_replaced", Call,
        "the session was replaced elsewhere: ask the user, then call login()";
    /// The user's other device, or an administrator, ended the session.
    SessionRevoked = "session_revoked", Call,
        "the session was ended elsewhere: ask the user, then call login()";
    /// The last sign-in failed a moment ago.
    SignInPaused = "sign_in_paused", Call,
        "the last sign-in failed: wait retryAfter ms or call login()";
    /// `wx.login` failed or gave no code.
    LoginFailed = "login_failed", SignIn,
        "login gave no code: see cause";
    /// `wx.login` did not answer.
    LoginTimeout = "login_timeout", SignIn,
        "login did not answer: call again, or raise loginTimeout";
    /// The app's `loginData` failed.
    LoginDataFailed = "login_data_failed", SignIn,
        "loginData failed: see cause";
    /// The app's `loginData` took too long.
    LoginDataTimeout = "login_data_timeout", SignIn,
        "loginData did not answer: call again, or raise loginDataTimeout";
    /// The server could not be reached for the exchange.
    Network = "network", SignIn,
        "the server was not reached: check network and allowed domains";
    /// The app went to the background or changed network during the exchange.
    Interrupted = "interrupted", SignIn,
        "interrupted: call again in the foreground";
    /// The exchange did not answer.
    ExchangeTimeout = "exchange_timeout", SignIn,
        "the server did not answer: call again, or raise exchangeTimeout";
    /// The server failed or is busy.
    ServerUnavailable = "server_unavailable", SignIn,
        "the server failed: call again later";
    /// Too many sign-ins.
    RateLimited = "rate_limited", SignIn,
        "too many sign-ins: wait retryAfter ms";
    /// WeChat refused a fresh login code too.
    CodeInvalid = "code_invalid", SignIn,
        "the code was refused: check the server's appid and secret";
    /// The user is blocked.
    UserBlocked = "user_blocked", SignIn,
        "the user is blocked";
    /// The server's appid or secret is wrong.
    Misconfigured = "misconfigured", SignIn,
        "the server's appid or secret is wrong: call its operator";
    /// The server refused the sign-in for a reason of its own.
    ExchangeRejected = "exchange_rejected", SignIn,
        "the server refused: see problem";
    /// The server's answer has no session id.
    BadAnswer = "bad_answer", SignIn,
        "the answer has no sessionid: check loginUrl";
    /// Nobody has signed in, and the app signs in by hand, or the server signs nobody in silently.
    SignInNeeded = "sign_in_needed", SignIn,
        "not signed in: call login()";
}

/// A failure, and how long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// What went wrong.
    pub code: ErrorCode,
    /// Milliseconds to wait; zero if no time was named.
    pub retry_after: u32,
}

impl Failure {
    /// Whether no server was asked, or none answered. The network may be back at any moment. Login data counts too: often the
    /// app asks a server for it.
    pub fn is_of_the_network(self) -> bool {
        matches!(
            self.code,
            ErrorCode::LoginFailed
                | ErrorCode::LoginTimeout
                | ErrorCode::LoginDataFailed
                | ErrorCode::LoginDataTimeout
                | ErrorCode::Network
                | ErrorCode::Interrupted
                | ErrorCode::ExchangeTimeout
        )
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            retry_after: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorCode, Stage};

    #[test]
    fn a_codes_number_is_its_place_in_the_table() {
        for (place, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(*code as usize, place);
        }
    }

    #[test]
    fn the_failures_of_a_sign_in_are_marked_wherever_they_stand_in_the_table() {
        let marked = ErrorCode::ALL
            .iter()
            .filter(|code| code.stage() == Stage::SignIn);
        let names: Vec<_> = marked.map(|code| code.name()).collect();
        let expected = "login_failed login_timeout login_data_failed login_data_timeout network interrupted \
            exchange_timeout server_unavailable rate_limited code_invalid user_blocked misconfigured \
            exchange_rejected bad_answer sign_in_needed";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn names_are_distinct_and_every_message_says_something() {
        let mut names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.iter().all(|code| code.message().len() > 6));
    }
}
