//! How a post ends, and what that means for the sign-in.

use wxsession_protocol::ProblemCode;

use crate::error::{ErrorCode, Failure};
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
    /// wx cut the request off: the app went to the background, or the network changed.
    Interrupted,
}

/// What the sign-in does about a reply.
pub(super) enum Verdict<Secret> {
    Issued(Session<Secret>),
    AnotherCode,
    Later(Failure),
    Never(Failure),
}

/// Decides what a reply means.
#[inline(always)]
pub(super) fn judge<Secret>(reply: Reply<Secret>) -> Verdict<Secret> {
    let (status, session, problem, retry_after) = match reply {
        Reply::Answer {
            status,
            session,
            problem,
            retry_after,
        } => (status, session, problem, retry_after),
        Reply::Unreachable => return Verdict::Later(ErrorCode::Network.into()),
        Reply::Interrupted => return Verdict::Later(ErrorCode::Interrupted.into()),
    };
    let failure = |code| Failure { code, retry_after };
    // A named problem counts with any status, because some servers answer 200 always.
    match (status, session, problem) {
        (200..=299, Some(session), _) => Verdict::Issued(session),
        (_, _, Some(ProblemCode::CodeInvalid)) => Verdict::AnotherCode,
        (_, _, Some(ProblemCode::UserBlocked)) => Verdict::Never(failure(ErrorCode::UserBlocked)),
        (_, _, Some(ProblemCode::Misconfigured)) => {
            Verdict::Never(failure(ErrorCode::Misconfigured))
        }
        (_, _, Some(ProblemCode::ServerBusy)) => {
            Verdict::Later(failure(ErrorCode::ServerUnavailable))
        }
        (200..=299, ..) => Verdict::Never(failure(ErrorCode::BadAnswer)),
        (429, ..) => Verdict::Later(failure(ErrorCode::RateLimited)),
        (500..=599, ..) => Verdict::Later(failure(ErrorCode::ServerUnavailable)),
        _ => Verdict::Never(failure(ErrorCode::ExchangeRejected)),
    }
}
