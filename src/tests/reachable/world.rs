//! What the program around the client knows: its calls, and what it has heard.

use crate::error::ErrorCode;
use crate::exchange::Step;
use crate::flow::{Generation, Phase, Ticket, Want};
use crate::session::Session;

/// Every event happens at this time.
pub(super) const NOW: u64 = 1_000_000;
/// The number of the open or last step. All earlier steps have the number before it.
pub(super) const LAST: Step = 100;
pub(super) const LOGIN: Ticket = 0;
/// The place of timers in [`World::over`].
pub(super) const TIMER: usize = 3;

/// Ids of sessions: the one that stands, the one that it replaced, and those that an event brings.
pub(super) const STANDING: &str = "standing";
pub(super) const REPLACED: &str = "replaced";
pub(super) const NEW: &str = "new";
pub(super) const LATE: &str = "late";

/// What may still happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    pub(super) calls: usize,
    pub(super) logins: u32,
    /// Sign-ins; the one that is too many is checked but not followed.
    pub(super) sign_ins: i32,
    pub(super) sign_outs: u32,
    pub(super) expiries: u32,
    pub(super) aborts: u32,
}

/// The program: its calls, and what it knows of the client.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) calls: Vec<Call>,
    pub(super) login: Option<Want>,
    pub(super) left: Bounds,
    /// The phase that was reported last.
    pub(super) phase: Phase,
    /// The step that is neither answered nor abandoned.
    pub(super) open: Option<(Task, Step)>,
    pub(super) timer: Option<(Step, u32)>,
    /// The last closed step of each task and of the timer.
    pub(super) over: [Step; 4],
    /// Codes that the sign-in in progress asked for, and posts of the last one.
    pub(super) codes: u32,
    pub(super) posts: u32,
    pub(super) stored: Option<String>,
    /// Whether the next session replaces one that no longer stands.
    pub(super) replaces: bool,
    /// The highest generation so far.
    pub(super) newest: Generation,
    /// Why only a login signs in, if so.
    pub(super) closed: Option<ErrorCode>,
}

/// A call as the app sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Call {
    Idle,
    Waiting {
        sends: u32,
        is_past: bool,
    },
    Sent {
        sends: u32,
        generation: Generation,
        is_past: bool,
    },
    Done,
}

/// What the client asks of the program in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    LoginCode,
    Data,
    Post,
}

pub(super) fn session(id: &str) -> Session {
    Session::issued(id.into(), 600.0, NOW).expect("a usable id")
}

impl World {
    /// Closes the open step, which is answered or abandoned.
    pub(super) fn end_step(&mut self) -> Step {
        let Some((task, step)) = self.open.take() else {
            return 0;
        };
        self.over[task as usize] = step;
        step
    }

    /// Ends the epoch: calls that have been sent belong to the past.
    pub(super) fn close(&mut self, code: ErrorCode) {
        self.closed = Some(code);
        self.replaces = false;
        for call in &mut self.calls {
            if let Call::Sent { is_past, .. } = call {
                *is_past = true;
            }
        }
    }

    /// Waiting calls belong to the past too. (Beside a login that goes on, they go on waiting.)
    pub(super) fn give_up(&mut self) {
        for call in &mut self.calls {
            if let Call::Waiting { is_past, .. } = call {
                *is_past = true;
            }
        }
    }

    pub(super) fn is_waited_for(&self) -> bool {
        let mut calls = self.calls.iter();
        self.login.is_some() || calls.any(|call| matches!(call, Call::Waiting { .. }))
    }
}
