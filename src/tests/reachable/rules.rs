//! What must hold, whatever the order of events.

mod refusals;

use super::event::{CallEnd, Event, Late, PostEnd};
use super::program::Heard;
use super::state::State;
use super::world::{Call, LATE, LOGIN, NOW, Task};
use crate::error::{ErrorCode, Stage};
use crate::flow::{Outcome, Phase, Want};
use crate::policy::Refusal;

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
            world.stored.as_ref(),
            self.flow.presented(),
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

    /// What holds of one event and everything that follows from it.
    pub(super) fn check_change(&self, event: Event, after: &Self, heard: &[Heard], now: u64) {
        self.check_session(event, after);
        self.check_ends(event, heard);
        self.check_outcomes(event, heard);
        self.check_trial(event, after, now);
        match event {
            Event::Call(which) => self.check_call(which, after),
            Event::OptionalCall(which) => self.check_optional(which, after),
            Event::Login(want) => self.check_login(want, after),
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
            Event::Post(ending) => ending.code().is_none() || self.world.is_ended_by(ending),
            Event::Call(_) | Event::OptionalCall(_) | Event::Login(_) => self.is_expired(),
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
    fn check_outcomes(&self, event: Event, heard: &[Heard]) {
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
                    let reason = if self.world.is_by_hand && self.world.is_new() {
                        ErrorCode::SignInNeeded
                    } else {
                        ErrorCode::SignInPaused
                    };
                    Some(self.world.closed.unwrap_or(reason))
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

    /// The server says that there is no session for this sign-in to replace silently.
    fn check_ending(&self, end: PostEnd, after: &Self) {
        assert_eq!(after.id(), None, "no session stands");
        assert_eq!(after.flow.ending(), end.code(), "only a login signs in");
        let is_asked = end == PostEnd::SignInNeeded;
        let kept = self.world.stored.as_ref().filter(|_| is_asked);
        assert_eq!(
            after.world.stored.as_ref(),
            kept,
            "the server is asked again"
        );
        let goes_on = !is_asked && self.world.login.is_some();
        assert_eq!(after.is_signing_in(), goes_on, "a login signs in anew");
        assert_eq!(after.world.login.is_some(), goes_on, "and waits for that");
    }

    /// How the sign-in goes on.
    fn check_step(&self, event: Event, after: &Self, now: u64) {
        let gives_up = match event {
            Event::LoginCode(is_given) => !is_given,
            Event::Data(is_there) => !is_there,
            Event::Post(PostEnd::Issued) => {
                assert!(after.is_live(), "the session stands");
                assert!(!after.is_signing_in(), "and that is all");
                assert!(!after.flow.pauses(NOW)[0], "a success ends the pause");
                return;
            }
            Event::Post(end) if self.world.is_ended_by(end) => {
                return self.check_ending(end, after);
            }
            Event::Post(ending) => {
                let mut attempt = self.world.attempt;
                let may_be_over = attempt.is_out_of_time(ending) && !after.is_signing_in();
                attempt.ends(ending) || may_be_over
            }
            // The timer. Only the machine knows whether two posts without an answer leave time for a third.
            _ => match self.world.open {
                Some((Task::Post, _)) if self.world.attempt.is_short_of_time() => {
                    !after.is_signing_in()
                }
                Some((Task::Post, _)) => self.world.attempt.failures >= 2,
                Some(_) => true,
                None => false,
            },
        };
        assert_eq!(
            gives_up,
            !after.is_signing_in(),
            "exactly what may help is tried"
        );
        assert_eq!(after.id(), self.id(), "what stood still stands");
        if !gives_up {
            return;
        }
        assert!(
            after.flow.pauses(now)[0],
            "a failure is followed by a pause"
        );
        for (call, next) in self.world.calls.iter().zip(&after.world.calls) {
            if matches!(call, Call::Waiting { .. }) {
                let goes = matches!(next, Call::Sent { .. });
                assert_eq!(goes, self.is_live(), "calls go if a live session stands");
            }
        }
    }
}
