//! How a post ends, and what that means for the sign-in.

use crate::error::ErrorCode;
use crate::session::Session;

/// How a post ended.
#[derive(Clone, Debug)]
pub enum Reply<Secret = String> {
    /// The server answered.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The session in the body, if there is one.
        session: Option<Session<Secret>>,
        /// What the problem that the answer names means, if the client treats it specially.
        problem: Option<ErrorCode>,
        /// `Retry-After` in milliseconds; zero if there is none.
        retry_after: u32,
    },
    /// The request did not reach the server, or its answer did not come back.
    Unreachable,
    /// wx cut the request off: the app went to the background, or the network changed.
    Interrupted,
    /// wx waited for the answer as long as it was told to.
    TimedOut,
}

/// What a reply without a session says about the sign-in and its code.
#[derive(Clone, Copy, PartialEq, Eq)]
// As for the state of the exchange.
#[repr(u32)]
pub(super) enum Verdict {
    /// The code was refused by name.
    CodeInvalid,
    /// There is no answer, so the code may be spent.
    Lost,
    /// The server failed, and names no problem of ours: the code may be spent.
    Broken,
    /// The server is busy, and the code unspent.
    Busy,
    /// The sign-in was refused without a problem of ours.
    Refused,
    /// The sign-in was refused for good.
    Never,
}

/// Decides what an answer without a session means. A named problem counts with any status, because some servers answer 200
/// always.
#[inline(always)]
pub(super) fn judge(status: u16, problem: Option<ErrorCode>) -> (Verdict, ErrorCode) {
    match (status, problem) {
        (_, Some(code @ ErrorCode::CodeInvalid)) => (Verdict::CodeInvalid, code),
        (_, Some(code @ ErrorCode::ServerUnavailable)) => (Verdict::Busy, code),
        (_, Some(code)) => (Verdict::Never, code),
        (200..=299, None) => (Verdict::Refused, ErrorCode::BadAnswer),
        (429, None) => (Verdict::Busy, ErrorCode::RateLimited),
        (500..=599, None) => (Verdict::Broken, ErrorCode::ServerUnavailable),
        _ => (Verdict::Refused, ErrorCode::ExchangeRejected),
    }
}
