//! What the program around the client knows: its calls, and what it has heard.

use crate::error::ErrorCode;
use crate::exchange::Step;
use crate::flow::{Generation, Phase, Ticket, Want};
use crate::milliseconds::Milliseconds;
use crate::session::Session;
use crate::tests::reachable::event::PostEnd;

/// Every event happens at this time.
pub(super) const NOW: Milliseconds = Milliseconds::new(1_000_000);
/// The number of the open or last step. All earlier steps have the number before it.
pub(super) const LAST: Step = 100;
pub(super) const LOGIN: Ticket = 0;
/// The tickets of attempts. The normal form sorts the tickets that wait, so one attempt is before the calls and one after.
pub(super) const ATTEMPTS: [Ticket; 2] = [1, Ticket::MAX];
/// The ticket of the first call.
pub(super) const CALLS: Ticket = 2;
/// The place of timers in [`World::over`].
pub(super) const TIMER: usize = 3;

/// Ids of sessions: the one that stands, and those that an event brings.
pub(super) const STANDING: &str = "standing";
pub(super) const NEW: &str = "new";
pub(super) const LATE: &str = "late";

/// What may still happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    pub(super) calls: usize,
    pub(super) logins: u32,
    pub(super) attempts: usize,
    /// Sign-ins; the one that is too many is checked but not followed.
    pub(super) sign_ins: i32,
    pub(super) sign_outs: u32,
    pub(super) expiries: u32,
    pub(super) aborts: u32,
    pub(super) optionals: u32,
    pub(super) late_timers: u32,
    /// Whether posts end in every way, even in one that differs from another by its name alone.
    pub(super) is_exact: bool,
}

/// The program: its calls, and what it knows of the client.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) calls: Vec<Call>,
    pub(super) login: Option<Want>,
    pub(super) attempts: [Attempt; 2],
    pub(super) left: Bounds,
    /// The phase that was reported last.
    pub(super) phase: Phase,
    /// The step that is neither answered nor abandoned.
    pub(super) open: Option<(Task, Step)>,
    pub(super) timer: Option<(Step, u32)>,
    /// The last closed step of each task and of the timer.
    pub(super) over: [Step; 4],
    pub(super) sign_in: SignIn,
    /// Whether the app signs in by hand.
    pub(super) is_by_hand: bool,
    /// The session that storage keeps: the one that stands, or the one that the next replaces.
    pub(super) stored: Option<String>,
    /// The ending that storage keeps.
    pub(super) stored_ending: Option<ErrorCode>,
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
        want: Want,
    },
    Sent {
        sends: u32,
        generation: Generation,
        is_past: bool,
    },
    Done,
}

/// A login with credentials, as the app sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Attempt {
    Idle,
    Waiting,
    Done,
}

/// What the client asks of the program in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    LoginCode,
    Data,
    Post,
}

/// The sign-in in progress, as a server and a reader of the rules see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SignIn {
    /// The attempt whose credentials its posts carry.
    pub(super) attempt: Option<usize>,
    pub(super) failures: u32,
    /// Whether the last post presented a session that its refusal may be about.
    pub(super) presented: bool,
    /// Whether the code may be spent.
    pub(super) is_doubtful: bool,
    /// Whether the code must not be posted again.
    pub(super) is_refused: bool,
    /// Whether a refused or spent code has been replaced.
    pub(super) is_fresh: bool,
    /// Whether the server refused a post that presented a session.
    pub(super) is_bare: bool,
    /// Whether a timer of this sign-in ran late.
    pub(super) was_late: bool,
}

impl SignIn {
    /// Whether only the machine knows if there is time for one more post.
    pub(super) fn is_short_of_time(&self) -> bool {
        self.was_late || self.failures == 1
    }

    /// The same of a post that ends before its deadline.
    pub(super) fn is_out_of_time(&self, end: PostEnd) -> bool {
        let asks = matches!(
            end,
            PostEnd::CodeInvalid | PostEnd::NoSession | PostEnd::Rejected
        );
        self.was_late && !asks
    }

    /// A post ends without a session. Returns whether the sign-in is over.
    pub(super) fn ends(&mut self, end: PostEnd) -> bool {
        let is_first = !self.is_fresh && !self.is_bare;
        let is_last = self.failures >= 2;
        let is_refused = match end {
            PostEnd::Issued => panic!("it ends with a session"),
            PostEnd::CodeInvalid => !self.is_fresh,
            PostEnd::NoSession | PostEnd::Rejected => {
                (self.presented && !self.is_bare) || (self.is_doubtful && !self.is_fresh)
            }
            PostEnd::Broken | PostEnd::BusyForLong if self.attempt.is_none() => {
                is_first && (self.presented || self.is_doubtful)
            }
            _ => false,
        };
        let is_failure = !matches!(
            end,
            PostEnd::CodeInvalid | PostEnd::NoSession | PostEnd::Rejected
        );
        self.failures += u32::from(is_failure);
        if is_refused {
            self.is_refused = true;
            if end != PostEnd::CodeInvalid && self.presented {
                self.is_bare = true;
            } else {
                self.is_fresh = true;
            }
            return end == PostEnd::BusyForLong;
        }
        match end {
            PostEnd::Unreachable | PostEnd::TimedOut | PostEnd::Interrupted => {
                self.is_doubtful = true;
                is_last
            }
            _ if self.attempt.is_some() => true,
            PostEnd::Busy | PostEnd::RateLimited => is_last,
            PostEnd::Broken => {
                self.is_doubtful = true;
                is_last
            }
            _ => true,
        }
    }
}

pub(super) fn session(id: &str) -> Session {
    Session::issued(id.into(), 600.0, NOW).expect("a usable id")
}

impl World {
    /// Storage keeps a session or an ending.
    pub(super) fn keep(&mut self, session: Option<String>, ending: Option<ErrorCode>) {
        self.stored = session;
        self.stored_ending = ending;
    }

    /// Closes the open step, which is answered or abandoned.
    pub(super) fn end_step(&mut self) -> Step {
        let Some((task, step)) = self.open.take() else {
            return 0;
        };
        self.over[task as usize] = step;
        step
    }

    /// Whether a post of the sign-in in progress may end so.
    pub(super) fn may_end(&self, end: PostEnd) -> bool {
        match end {
            PostEnd::CredentialsWrong => self.sign_in.attempt.is_some(),
            PostEnd::TimedOut
            | PostEnd::Interrupted
            | PostEnd::RateLimited
            | PostEnd::Misconfigured => self.left.is_exact,
            _ => true,
        }
    }

    /// Whether the end of a post ends what stands.
    pub(super) fn is_ended_by(&self, end: PostEnd) -> bool {
        match end {
            PostEnd::SignInNeeded => self.closed.is_none() && self.sign_in.attempt.is_none(),
            PostEnd::Replaced => self.stored.is_some(),
            _ => false,
        }
    }

    /// A sign-in begins, or begins anew; with credentials if it is an attempt.
    pub(super) fn begin_sign_in(&mut self, attempt: Option<usize>) {
        self.sign_in = SignIn {
            attempt,
            ..SignIn::default()
        };
        self.left.sign_ins -= 1;
    }

    /// Ends the epoch, and nobody signs in silently.
    pub(super) fn close(&mut self, code: ErrorCode) {
        self.closed = Some(code);
        self.begin_epoch();
    }

    /// Calls that have been sent belong to the past.
    pub(super) fn begin_epoch(&mut self) {
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

    /// Whether nobody has signed in yet.
    pub(super) fn is_new(&self) -> bool {
        self.newest == 0 && self.closed.is_none()
    }

    /// Whether the sign-in replaces a session.
    pub(super) fn has_something_to_replace(&self) -> bool {
        self.stored.is_some()
    }

    pub(super) fn is_waited_for(&self) -> bool {
        let mut calls = self.calls.iter();
        self.login.is_some()
            || self.is_attempted()
            || calls.any(|call| matches!(call, Call::Waiting { .. }))
    }
    /// Whether an attempt has not been answered.
    pub(super) fn is_attempted(&self) -> bool {
        self.attempts.contains(&Attempt::Waiting)
    }
}
