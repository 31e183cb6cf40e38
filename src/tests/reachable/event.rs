//! Everything that can happen to the client, and its wording in a report.

use std::fmt;

use wxsession_protocol::ProblemCode;

use crate::error::ErrorCode;
use crate::exchange::Reply;
use crate::flow::Want;
use crate::policy::{self, Refusal};
use crate::session::Session;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The app makes this call.
    Call(usize),
    /// The app makes this call, which may also go without a session.
    OptionalCall(usize),
    /// The app calls `login()`.
    Login(Want),
    /// The app calls `login()` with credentials.
    Attempt(usize),
    /// The app calls `logout()`.
    SignOut,
    /// The app aborts this call while it waits.
    Abort(usize),
    /// This call, which has been sent, ends or is refused.
    CallEnds(usize, CallEnd),
    /// The deadline of the session that stands passes.
    Expiry,
    /// A pause runs out: the one after a failure (0) or the one after a second refusal (1).
    PauseOver(usize),
    /// The session on trial has stood for a minute.
    TrialOver,
    /// `wx.login` answers, with or without a code.
    LoginCode(bool),
    /// The app's login data is ready or has failed.
    Data(bool),
    /// A post ends.
    Post(PostEnd),
    /// The timer runs out.
    Timer,
    /// The timer of a step that waits for an answer runs more than a second late.
    LateTimer,
    /// Something arrives with the number of a closed step.
    Late(Late),
}

/// What an app does inside a callback of an event: one thing or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inside {
    pub(super) callback: Callback,
    pub(super) event: Event,
    pub(super) then: Option<Event>,
}

/// The first callback of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callback {
    /// A call or a login is settled.
    Settled,
    /// The phase has changed.
    Changed,
}

/// How a call that has been sent ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// It is accepted, or wx fails it; the client hears of neither.
    Over,
    Refused(Refusal),
    /// It is refused, and cannot be sent again.
    OneShotRefused(Refusal),
}

/// How a post ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PostEnd {
    Issued,
    NoSession,
    Unreachable,
    TimedOut,
    Interrupted,
    /// A 5xx that names no problem of ours.
    Broken,
    Busy,
    BusyForLong,
    RateLimited,
    CodeInvalid,
    UserBlocked,
    Misconfigured,
    Rejected,
    /// The credentials are wrong.
    CredentialsWrong,
    /// The user has to sign in.
    SignInNeeded,
    /// The session in hand was ended elsewhere.
    Replaced,
}

/// What can arrive with the number of a closed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    LoginCode,
    NoCode,
    Data,
    NoData,
    /// A session that is new to everybody.
    Session,
    /// The session that stands, once more.
    SameSession,
    Unreachable,
    Timer,
}

impl CallEnd {
    pub(super) const ALL: [Self; 6] = [
        Self::Over,
        Self::Refused(Refusal::Renew),
        Self::Refused(Refusal::Ended(ErrorCode::SessionReplaced)),
        Self::Refused(Refusal::Ended(ErrorCode::SessionRevoked)),
        Self::OneShotRefused(Refusal::Renew),
        Self::OneShotRefused(Refusal::Ended(ErrorCode::SessionReplaced)),
    ];
}

impl PostEnd {
    pub(super) const ALL: [Self; 16] = [
        Self::Issued,
        Self::NoSession,
        Self::Unreachable,
        Self::TimedOut,
        Self::Broken,
        Self::Interrupted,
        Self::Busy,
        Self::BusyForLong,
        Self::RateLimited,
        Self::CodeInvalid,
        Self::UserBlocked,
        Self::Misconfigured,
        Self::Rejected,
        Self::CredentialsWrong,
        Self::SignInNeeded,
        Self::Replaced,
    ];

    /// The reply of wx or the server.
    pub(super) fn reply(self, session: Session) -> Reply {
        let answer = |status, problem, retry_after| Reply::Answer {
            status,
            session: None,
            problem: Option::and_then(problem, policy::meaning),
            retry_after,
        };
        match self {
            Self::Issued => Reply::Answer {
                status: 200,
                session: Some(session),
                problem: None,
                retry_after: 0,
            },
            Self::NoSession => answer(200, None, 0),
            Self::Unreachable => Reply::Unreachable,
            Self::TimedOut => Reply::TimedOut,
            Self::Interrupted => Reply::Interrupted,
            Self::Broken => answer(500, None, 0),
            Self::Busy => answer(503, Some(ProblemCode::ServerBusy), 0),
            Self::BusyForLong => answer(503, None, 60_000),
            Self::RateLimited => answer(429, Some(ProblemCode::RateLimited), 500),
            Self::CodeInvalid => answer(401, Some(ProblemCode::CodeInvalid), 0),
            Self::UserBlocked => answer(403, Some(ProblemCode::UserBlocked), 0),
            Self::Misconfigured => answer(500, Some(ProblemCode::Misconfigured), 0),
            Self::Rejected => answer(401, None, 0),
            Self::CredentialsWrong => answer(401, Some(ProblemCode::CredentialsWrong), 0),
            Self::SignInNeeded => answer(401, Some(ProblemCode::SignInNeeded), 0),
            Self::Replaced => answer(401, Some(ProblemCode::SessionReplaced), 0),
        }
    }

    /// The code that the sign-in fails with, if this ends it.
    pub(super) fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Issued => None,
            Self::NoSession => Some(ErrorCode::BadAnswer),
            Self::Unreachable => Some(ErrorCode::Network),
            Self::Interrupted => Some(ErrorCode::Interrupted),
            Self::TimedOut => Some(ErrorCode::ExchangeTimeout),
            Self::Broken | Self::Busy | Self::BusyForLong => Some(ErrorCode::ServerUnavailable),
            Self::RateLimited => Some(ErrorCode::RateLimited),
            Self::CodeInvalid => Some(ErrorCode::CodeInvalid),
            Self::UserBlocked => Some(ErrorCode::UserBlocked),
            Self::Misconfigured => Some(ErrorCode::Misconfigured),
            Self::Rejected | Self::CredentialsWrong => Some(ErrorCode::ExchangeRejected),
            Self::SignInNeeded => Some(ErrorCode::SignInNeeded),
            Self::Replaced => Some(ErrorCode::SessionReplaced),
        }
    }
}

impl Late {
    pub(super) const ALL: [Self; 8] = [
        Self::LoginCode,
        Self::NoCode,
        Self::Data,
        Self::NoData,
        Self::Session,
        Self::SameSession,
        Self::Unreachable,
        Self::Timer,
    ];
}

impl Event {
    /// Whether the event leads to new states rather than to an end.
    pub(super) fn leads_on(&self) -> bool {
        matches!(
            self,
            Self::Call(_)
                | Self::CallEnds(_, CallEnd::Refused(Refusal::Renew))
                | Self::LoginCode(true)
                | Self::Data(true)
                | Self::Post(PostEnd::Issued)
        )
    }
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(which) => write!(out, "call {which} is made"),
            Self::OptionalCall(which) => write!(out, "call {which}, which may go bare, is made"),
            Self::Login(Want::NewLogin) => write!(out, "login() is forced"),
            Self::Login(_) => write!(out, "login() is called"),
            Self::Attempt(which) => write!(out, "login() is called with credentials {which}"),
            Self::SignOut => write!(out, "logout() is called"),
            Self::Abort(which) => write!(out, "call {which} is aborted"),
            Self::CallEnds(which, CallEnd::Over) => write!(out, "call {which} is over"),
            Self::CallEnds(which, CallEnd::Refused(refusal)) => {
                write!(out, "call {which} is refused: {refusal:?}")
            }
            Self::CallEnds(which, CallEnd::OneShotRefused(refusal)) => {
                write!(
                    out,
                    "call {which}, which cannot be sent again, is refused: {refusal:?}"
                )
            }
            Self::Expiry => write!(out, "the session's deadline passes"),
            Self::PauseOver(0) => write!(out, "the pause after a failure is over"),
            Self::PauseOver(_) => write!(out, "the pause after a second refusal is over"),
            Self::TrialOver => write!(
                out,
                "a minute passes since a one-shot call had the session renewed"
            ),
            Self::LoginCode(true) => write!(out, "wx.login gives a code"),
            Self::LoginCode(false) => write!(out, "wx.login fails"),
            Self::Data(true) => write!(out, "the login data is ready"),
            Self::Data(false) => write!(out, "the login data fails"),
            Self::Post(ending) => write!(out, "the post ends: {ending:?}"),
            Self::Timer => write!(out, "the timer runs out"),
            Self::LateTimer => write!(out, "the timer runs late"),
            Self::Late(late) => write!(out, "a closed step gets its {late:?}, late or again"),
        }
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.callback {
            Callback::Settled => {
                write!(out, "and when a call or login is settled, {}", self.event)?
            }
            Callback::Changed => write!(out, "and when the phase changes, {}", self.event)?,
        }
        self.then
            .map_or(Ok(()), |event| write!(out, " and {event}"))
    }
}
