//! How a post ends, and what that means for the sign-in.

use wxsession_protocol::ProblemCode;

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
        /// The problem that the answer names, if it is a known one.
        problem: Option<ProblemCode>,
        /// `Retry-After` in milliseconds; zero if there is none.
        retry_after: u32,
    },
    /// The request did not reach the server, or its answer did not come back.
    Unreachable,
    /// wx waited for the answer as long as it was told to.
    TimedOut,
    /// wx cut the request off: the app went to the background, or the network changed.
    Interrupted,
}

/// What a reply without a session says about the sign-in and its code.
#[derive(Clone, Copy, PartialEq, Eq)]
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
pub(super) fn judge(status: u16, problem: Option<ProblemCode>) -> (Verdict, ErrorCode) {
    match (status, problem) {
        (_, Some(ProblemCode::CodeInvalid)) => (Verdict::CodeInvalid, ErrorCode::CodeInvalid),
        (_, Some(ProblemCode::UserBlocked)) => (Verdict::Never, ErrorCode::UserBlocked),
        (_, Some(ProblemCode::Misconfigured)) => (Verdict::Never, ErrorCode::Misconfigured),
        (_, Some(ProblemCode::SignInNeeded)) => (Verdict::Never, ErrorCode::SignInNeeded),
        (_, Some(ProblemCode::SessionReplaced)) => (Verdict::Never, ErrorCode::SessionReplaced),
        (_, Some(ProblemCode::SessionRevoked)) => (Verdict::Never, ErrorCode::SessionRevoked),
        (
            _,
            Some(
                ProblemCode::WechatBadAnswer
                | ProblemCode::WechatUnavailable
                | ProblemCode::WechatTimeout
                | ProblemCode::StoreUnavailable
                | ProblemCode::ServerBusy,
            ),
        ) => (Verdict::Busy, ErrorCode::ServerUnavailable),
        (
            _,
            Some(
                ProblemCode::CredentialsWrong
                | ProblemCode::ChallengeWrong
                | ProblemCode::ChallengeOver,
            ),
        ) => (Verdict::Never, ErrorCode::ExchangeRejected),
        (200..=299, _) => (Verdict::Refused, ErrorCode::BadAnswer),
        (429, _) => (Verdict::Busy, ErrorCode::RateLimited),
        (500..=599, _) => (Verdict::Broken, ErrorCode::ServerUnavailable),
        _ => (Verdict::Refused, ErrorCode::ExchangeRejected),
    }
}
