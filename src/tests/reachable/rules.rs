//! What must hold, whatever the order of events.

mod attempts;
mod refusals;
mod steps;

use super::event::{CallEnd, Event, Late};
use super::program::Heard;
use super::state::State;
use super::world::{CALLS, Call, LATE, LOGIN, NOW, Task, session};
use crate::errand::Errands;
use crate::error::{ErrorCode, Stage};
use crate::flow::{Flow, Outcome, Phase, Want};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::session::Kept;

impl State {
    /// What holds between events.
    pub(super) fn check(&self) {
        let world = &self.world;
        let is_signing_in = world.phase == Phase::SigningIn;
        assert_eq!(
            world.phase,
            self.flow.phase(),
            "the program knows the phase"
        );
        assert_eq!(
            world.stored.as_deref(),
            self.flow.kept_id(),
            "storage keeps what stands or is to be replaced"
        );
        let ending = self.flow.ending();
        assert_eq!(
            world.stored_ending,
            ending.filter(|code| *code != ErrorCode::SignInNeeded),
            "storage keeps an ending too"
        );
        assert!(
            is_signing_in || !world.is_waited_for(),
            "a call or login waits only for a sign-in"
        );
        assert_eq!(
            is_signing_in,
            world.timer.is_some(),
            "a sign-in always has a timer"
        );
        assert!(
            is_signing_in || world.open.is_none(),
            "nothing is asked without a sign-in"
        );
        for call in &world.calls {
            let survives = matches!(call, Call::Waiting { is_past: true, .. });
            assert!(
                !survives,
                "a refusal from an ended epoch is delivered at once"
            );
        }
    }

    /// What holds of a program that is killed now and starts again with what storage keeps.
    pub(super) fn check_restart(&self) {
        let mut flow = Flow::new(self.kept());
        assert_eq!(flow.kept_id(), self.flow.kept_id(), "it is the same user's");
        let ending = self
            .world
            .closed
            .filter(|code| *code != ErrorCode::SignInNeeded);
        assert_eq!(flow.ending(), ending, "an ending outlasts a restart");
        flow.want(CALLS, Want::Call, NOW, &mut Errands::new(None));
        let signs_in = flow.is_signing_in();
        assert!(!signs_in || ending.is_none(), "only a login signs in again");
    }

    /// What the program's storage keeps.
    fn kept(&self) -> Option<Kept> {
        let session = self.world.stored.as_deref().map(session);
        let ending = self.world.stored_ending.map(Kept::Ended);
        session.map(Kept::Session).or(ending)
    }

    /// What holds of one event and everything that follows from it.
    pub(super) fn check_change(
        &self,
        event: Event,
        after: &Self,
        heard: &[Heard],
        now: Milliseconds,
    ) {
        self.check_session(event, after);
        self.check_ends(event, heard);
        self.check_outcomes(event, after, heard);
        self.check_trial(event, after, now);
        self.check_attempts(event, after, heard);
        match event {
            Event::Call(which) => self.check_call(which, after),
            Event::OptionalCall(which) => self.check_optional(which, after),
            Event::Login(want) => self.check_login(want, after),
            Event::Attempt(which) => self.check_attempt(which, after),
            Event::CallEnds(which, CallEnd::Refused(refusal)) => {
                self.check_refusal(which, refusal, after);
            }
            Event::CallEnds(which, CallEnd::OneShotRefused(refusal)) => {
                self.check_one_shot(which, refusal, after);
            }
            Event::SignOut => {
                assert_eq!(
                    after.world.phase,
                    Phase::SignedOut,
                    "a sign-out is immediate"
                );
                assert_eq!(
                    after.flow.pauses(NOW),
                    [false; 2],
                    "a sign-out ends the pauses"
                );
            }
            Event::Late(_) => {
                assert!(after.flow == self.flow, "a closed step changes nothing");
                assert!(
                    after.exchange == self.exchange,
                    "a closed step changes nothing"
                );
            }
            Event::Abort(_)
            | Event::CallEnds(..)
            | Event::Expiry
            | Event::PauseOver(_)
            | Event::TrialOver => {
                assert_eq!(heard, [], "nobody else hears of it");
            }
            Event::LateTimer => {
                assert_eq!(heard, [], "time in the background is nobody's failure");
                assert_eq!(after.world.open, self.world.open, "the step waits on");
                let length = after.world.timer.map(|(_, length)| length);
                assert_eq!(length, Some(1_000), "one more second");
            }
            _ => self.check_step(event, after, now),
        }
        let is_given_up = event == Event::Timer && matches!(self.world.open, Some((Task::Post, _)));
        assert_eq!(
            heard.contains(&Heard::Withdrawn),
            is_given_up,
            "exactly a post whose time is up is withdrawn"
        );
    }

    /// No live session is discarded, and no late refusal harms a newer one.
    fn check_session(&self, event: Event, after: &Self) {
        if self.id().is_none() || after.id() == self.id() {
            return;
        }
        let is_reason = match event {
            Event::SignOut => true,
            _ if self.is_expired() && self.may_ask_again() => true,
            Event::Post(ending) => ending.code().is_none() || self.world.is_ended_by(ending),
            Event::Call(_) | Event::OptionalCall(_) | Event::Login(_) | Event::Attempt(_) => {
                self.is_expired()
            }
            Event::CallEnds(which, _) => match self.world.calls[which] {
                Call::Sent { generation, .. } => {
                    generation == self.generation() || self.is_expired()
                }
                _ => false,
            },
            _ => false,
        };
        assert!(is_reason, "a live session is not discarded");
    }

    /// Exactly the sessions that are no longer used are ended at the server.
    fn check_ends(&self, event: Event, heard: &[Heard]) {
        let ended: Vec<_> = heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Ended(id) => Some(id.as_str()),
                _ => None,
            })
            .collect();
        let expected = match event {
            Event::SignOut => self.world.stored.as_deref(),
            Event::Late(Late::Session) => Some(LATE),
            _ => None,
        };
        assert_eq!(
            ended,
            Vec::from_iter(expected),
            "sessions ended at the server"
        );
    }

    /// A failure reaches those who wait, with its own cause.
    fn check_outcomes(&self, event: Event, after: &Self, heard: &[Heard]) {
        let failures = heard.iter().filter_map(|heard| match heard {
            Heard::Settled(ticket, Outcome::Fail(failure)) => Some((*ticket, failure.code)),
            _ => None,
        });
        for (ticket, code) in failures {
            let expected = match event {
                Event::OptionalCall(_) if !self.world.has_something_to_replace() => {
                    let code = self.world.closed.filter(|_| !self.is_signing_in());
                    Some(code.unwrap_or(ErrorCode::SignInNeeded))
                }
                Event::Call(_) | Event::OptionalCall(_) if ticket != LOGIN => {
                    Some(self.reason_to_fail())
                }
                Event::LoginCode(_) | Event::Data(_) | Event::Post(_) | Event::Timer
                    if self.is_bystander(ticket) =>
                {
                    let is_bare = code == ErrorCode::SignInNeeded && after.world.stored.is_none();
                    let is_told = code == self.reason_to_fail();
                    assert!(
                        is_told || (is_bare && self.is_optional(ticket)),
                        "the cause"
                    );
                    continue;
                }
                Event::SignOut => Some(ErrorCode::SignedOut),
                Event::CallEnds(
                    _,
                    CallEnd::Refused(Refusal::Ended(code))
                    | CallEnd::OneShotRefused(Refusal::Ended(code)),
                ) => Some(code),
                Event::LoginCode(false) => Some(ErrorCode::LoginFailed),
                Event::Data(false) => Some(ErrorCode::LoginDataFailed),
                Event::Post(ending) => ending.code(),
                Event::Timer => self.world.open.map(|(task, _)| match task {
                    Task::LoginCode => ErrorCode::LoginTimeout,
                    Task::Data => ErrorCode::LoginDataTimeout,
                    Task::Post => ErrorCode::ExchangeTimeout,
                }),
                _ => None,
            };
            assert_eq!(Some(code), expected, "the cause of a failure");
            let is_of_sign_in = matches!(
                event,
                Event::LoginCode(_) | Event::Data(_) | Event::Post(_) | Event::Timer
            );
            let ends = matches!(code, ErrorCode::SignInNeeded | ErrorCode::SessionReplaced);
            assert!(
                ends || (code.stage() == Stage::SignIn) == is_of_sign_in,
                "the table knows which failures are a sign-in's"
            );
        }
    }

    /// Why a call without a live session fails at once, if it does.
    fn reason_to_fail(&self) -> ErrorCode {
        let reason = if self.world.is_by_hand && self.world.is_new() {
            ErrorCode::SignInNeeded
        } else {
            ErrorCode::SignInPaused
        };
        self.world.closed.unwrap_or(reason)
    }

    fn is_signing_in(&self) -> bool {
        self.world.phase == Phase::SigningIn
    }

    fn is_live(&self) -> bool {
        self.id().is_some() && !self.is_expired()
    }

    fn is_paused(&self) -> bool {
        self.flow.pauses(NOW).contains(&true)
    }

    fn check_call(&self, which: usize, after: &Self) {
        let call = after.world.calls[which];
        if self.is_signing_in() {
            assert!(
                matches!(call, Call::Waiting { sends: 0, .. }),
                "a sign-in is shared"
            );
        } else if self.is_live() {
            assert!(
                matches!(call, Call::Sent { sends: 1, .. }),
                "a live session is used"
            );
        } else if self.world.closed.is_some()
            || self.is_paused()
            || (self.world.is_by_hand && self.world.is_new())
        {
            assert_eq!(call, Call::Done, "it fails fast");
        } else {
            assert!(
                matches!(call, Call::Waiting { .. }) && after.is_signing_in(),
                "it signs in"
            );
        }
    }

    fn check_optional(&self, which: usize, after: &Self) {
        let call = after.world.calls[which];
        let is_waiting = matches!(call, Call::Waiting { sends: 0, .. });
        if !self.is_signing_in() && self.is_live() {
            assert!(
                matches!(call, Call::Sent { sends: 1, .. }),
                "a live session is used"
            );
        } else if !self.world.has_something_to_replace()
            || (self.world.closed.is_some() && !self.is_signing_in())
        {
            assert_eq!(call, Call::Done, "it goes bare");
            assert_eq!(after.is_signing_in(), self.is_signing_in(), "and no more");
        } else if self.is_signing_in() || !self.is_paused() {
            assert!(
                is_waiting && after.is_signing_in(),
                "the session is renewed"
            );
        } else {
            assert_eq!(call, Call::Done, "it goes bare in a pause");
        }
    }

    fn check_login(&self, want: Want, after: &Self) {
        let is_there = want == Want::Login && self.is_live() && !self.is_signing_in();
        assert_eq!(
            after.world.login.is_none(),
            is_there,
            "a login is done if a session is there"
        );
    }
}
