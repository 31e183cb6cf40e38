//! Every way to fail, in one table.
//!
//! The shim's table is made from [`ErrorCode::ALL`], and the document's is held to it. The texts are compiled into the shim only:
//! the module passes a code as its number.

/// Makes the enum and its table from one list, so that they cannot differ.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $message:literal;)+) => {
        /// The stable name of a failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
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

            /// What happened and what to do about it.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }
    };
}

codes! {
    /// An option is unknown, missing or of the wrong type.
    InvalidOption = "invalid_option",
        "an option is wrong";
    /// The runtime cannot run WebAssembly.
    Unsupported = "unsupported",
        "WebAssembly is missing: use base library 2.14.0 (Douyin: 2.92.0), and preview or debugging 2.0 on a device";
    /// The WebAssembly file could not be loaded.
    LoadFailed = "load_failed",
        "wxsession.wasm.br was not loaded: build npm, or set wasmPath";
    /// Another session of this program keeps its id under the same key.
    StorageKeyInUse = "storage_key_in_use",
        "storageKey is in use: create one session and share it";
    /// `abort()` was called.
    Aborted = "aborted",
        "aborted";
    /// wx failed the call itself.
    RequestFailed = "request_failed",
        "the call failed: see errMsg";
    /// The app signed out.
    SignedOut = "signed_out",
        "signed out: call login()";
    /// Another device's sign-in pushed the session out.
    SessionReplaced = "session_replaced",
        "signed in on another device: ask the user, then call login()";
    /// The user's other device, or an administrator, ended the session.
    SessionRevoked = "session_revoked",
        "the session was ended elsewhere: ask the user, then call login()";
    /// The last sign-in failed a moment ago.
    SignInPaused = "sign_in_paused",
        "the last sign-in failed: wait retryAfter milliseconds or call login()";
    /// `wx.login` failed or gave no code.
    LoginFailed = "login_failed",
        "login gave no code: see cause";
    /// `wx.login` did not answer.
    LoginTimeout = "login_timeout",
        "login did not answer: call again, or raise loginTimeout";
    /// The app's `loginData` failed.
    LoginDataFailed = "login_data_failed",
        "loginData failed: see cause";
    /// The app's `loginData` took too long.
    LoginDataTimeout = "login_data_timeout",
        "loginData took too long: call again, or raise loginDataTimeout";
    /// The server could not be reached for the exchange.
    Network = "network",
        "the server was not reached: check the network and the allowed domains";
    /// The app went to the background or changed network during the exchange.
    Interrupted = "interrupted",
        "the sign-in was interrupted: call again in the foreground";
    /// The exchange did not answer.
    ExchangeTimeout = "exchange_timeout",
        "the server did not answer: call again, or raise exchangeTimeout";
    /// The server failed or is busy.
    ServerUnavailable = "server_unavailable",
        "the server failed: call again later";
    /// Too many sign-ins.
    RateLimited = "rate_limited",
        "too many sign-ins: wait retryAfter milliseconds";
    /// WeChat refused a fresh login code too.
    CodeInvalid = "code_invalid",
        "the login code was refused: check the server's appid and secret";
    /// The user is blocked.
    UserBlocked = "user_blocked",
        "this user is blocked";
    /// The server's appid or secret is wrong.
    Misconfigured = "misconfigured",
        "the server's appid or secret is wrong: call its operator";
    /// The server refused the sign-in for a reason of its own.
    ExchangeRejected = "exchange_rejected",
        "the server rejected the sign-in: see cause, check loginUrl and loginMethod";
    /// The server's answer has no session id.
    BadAnswer = "bad_answer",
        "the server's answer has no sessionid: check loginUrl";
}

/// A failure and how long to wait before trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// What went wrong.
    pub code: ErrorCode,
    /// Milliseconds to wait; zero where nobody named a time.
    pub retry_after: u32,
}

impl Failure {
    /// Whether the network is to blame, so that it may be back at any moment.
    pub fn is_of_the_network(self) -> bool {
        matches!(self.code, ErrorCode::Network | ErrorCode::Interrupted)
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
    use super::ErrorCode;

    #[test]
    fn a_codes_number_is_its_place_in_the_table() {
        for (place, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(*code as usize, place);
        }
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
