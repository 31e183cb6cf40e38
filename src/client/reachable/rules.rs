//! What must hold, whatever the order of events.

use super::event::{Answer, Ending, Event, Late};
use super::state::State;
use super::world::{Call, Heard, LATE, LOGIN, NOW, REPLACED, Task};
use crate::error::{ErrorCode, Stage};
use crate::flow::{Generation, Outcome, Phase, Want};
use crate::policy::Refusal;

impl State {
    /// What holds between events.
    pub(super) fn check(&self) {
        let world = &self.world;
        let is_signing_in = world.phase == Phase::SigningIn;
        assert_eq!(world.phase, self.flow.phase(), "the phase is told");
        assert_eq!(
            world.stored.as_deref(),
            self.id(),
            "storage keeps what stands"
        );
        assert!(
            is_signing_in || !world.is_waited_for(),
            "who waits, waits for a sign-in"
        );
        assert_eq!(
            is_signing_in,
            world.timer.is_some(),
            "a sign-in has a timer, always"
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

    /// What holds of one event and all that follows from it.
    pub(super) fn check_change(&self, event: Event, after: &Self, heard: &[Heard], now: u64) {
        self.check_session(event, after);
        self.check_ends(event, heard);
        self.check_outcomes(event, heard);
        self.check_trial(event, after, now);
        match event {
            Event::Call(which) => self.check_call(which, after),
            Event::Login(want) => self.check_login(want, after),
            Event::Answer(which, Answer::Refused(refusal)) => {
                self.check_refusal(which, refusal, after);
            }
            Event::Answer(which, Answer::OneShotRefused(refusal)) => {
                self.check_one_shot(which, refusal, after);
            }
            Event::SignOut => {
                assert_eq!(after.world.phase, Phase::SignedOut, "it is so at once");
                assert_eq!(
                    after.flow.pauses(NOW),
                    [false; 2],
                    "a sign-out ends the pauses"
                );
            }
            Event::Late(_) => {
                assert!(
                    after.flow == self.flow,
                    "a step that is over changes nothing"
                );
                assert!(
                    after.exchange == self.exchange,
                    "a step that is over changes nothing"
                );
            }
            Event::Abort(_)
            | Event::Answer(..)
            | Event::Expiry
            | Event::PauseOver(_)
            | Event::TrialOver => {
                assert_eq!(heard, [], "this is nobody else's business");
            }
            _ => self.check_step(event, after, now),
        }
    }

    /// No live session is discarded, and no late refusal harms a newer one.
    fn check_session(&self, event: Event, after: &Self) {
        if self.id().is_none() || after.id() == self.id() {
            return;
        }
        let is_reason = match event {
            Event::SignOut => true,
            Event::Post(ending) => ending.code().is_none(),
            Event::Call(_) | Event::Login(_) => self.is_expired(),
            Event::Answer(which, _) => match self.world.calls[which] {
                Call::Sent { generation, .. } => {
                    generation == self.generation() || self.is_expired()
                }
                _ => false,
            },
            _ => false,
        };
        assert!(is_reason, "a live session is not discarded");
    }

    /// What is ended at the server is what nobody uses any more, and nothing else.
    fn check_ends(&self, event: Event, heard: &[Heard]) {
        let ended: Vec<_> = heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Ended(id) => Some(id.as_str()),
                _ => None,
            })
            .collect();
        let expected = match event {
            Event::SignOut if self.world.replaces => Some(REPLACED),
            Event::SignOut => self.id(),
            Event::Late(Late::Session) => Some(LATE),
            _ => None,
        };
        assert_eq!(
            ended,
            Vec::from_iter(expected),
            "sessions ended at the server"
        );
    }

    /// A failure reaches who waits with its own cause.
    fn check_outcomes(&self, event: Event, heard: &[Heard]) {
        let failures = heard.iter().filter_map(|heard| match heard {
            Heard::Settled(ticket, Outcome::Fail(failure)) => Some((*ticket, failure.code)),
            _ => None,
        });
        for (ticket, code) in failures {
            let expected = match event {
                Event::Call(_) if ticket != LOGIN => {
                    Some(self.world.closed.unwrap_or(ErrorCode::SignInPaused))
                }
                Event::SignOut => Some(ErrorCode::SignedOut),
                Event::Answer(
                    _,
                    Answer::Refused(Refusal::Ended(code))
                    | Answer::OneShotRefused(Refusal::Ended(code)),
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
            assert_eq!(
                code.stage() == Stage::SignIn,
                is_of_sign_in,
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
        } else if self.world.closed.is_some() || self.is_paused() {
            assert_eq!(call, Call::Done, "it fails fast");
        } else {
            assert!(
                matches!(call, Call::Waiting { .. }) && after.is_signing_in(),
                "it signs in"
            );
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

    fn check_refusal(&self, which: usize, refusal: Refusal, after: &Self) {
        let Call::Sent {
            sends,
            generation,
            is_past,
        } = self.world.calls[which]
        else {
            panic!("call {which} was not sent");
        };
        let call = after.world.calls[which];
        if is_past {
            assert_eq!(
                call,
                Call::Done,
                "a refusal from an ended epoch is delivered"
            );
            assert!(after.flow == self.flow, "and changes nothing");
            return;
        }
        let is_current = generation == self.world.newest;
        match refusal {
            Refusal::Ended(code) if is_current => {
                assert_eq!(call, Call::Done, "the caller is told");
                assert_eq!(after.id(), None, "the session is over");
                let login = after.world.login;
                assert_eq!(login, self.world.login, "a login goes on");
                let is_ended = login.is_some() || after.world.phase == Phase::Ended;
                assert!(is_ended, "a silent renewal ends too");
                assert_eq!(
                    after.world.closed,
                    Some(code),
                    "only a login signs in again"
                );
            }
            _ if sends == 2 => {
                assert_eq!(call, Call::Done, "a second refusal is delivered");
                assert_eq!(after.id(), self.id(), "and keeps the session");
                assert_eq!(after.world.phase, self.world.phase, "and asks for no other");
                let is_paused = after.flow.pauses(NOW)[1];
                assert!(is_paused || !is_current, "and starts a pause");
            }
            _ if !is_current && self.is_live() && !self.is_signing_in() => {
                assert!(matches!(call, Call::Sent { sends: 2, .. }), "it goes again");
            }
            Refusal::Ended(_) => assert_eq!(call, Call::Done, "there is nothing to go again with"),
            Refusal::Renew if self.is_signing_in() => {
                assert!(
                    matches!(call, Call::Waiting { sends: 1, .. }),
                    "a renewal is shared"
                );
            }
            Refusal::Renew if self.is_paused() => {
                assert_eq!(call, Call::Done, "a pause delivers");
                assert_eq!(after.id(), self.id(), "and keeps the session");
            }
            Refusal::Renew => {
                assert!(
                    matches!(call, Call::Waiting { sends: 1, .. }),
                    "it is renewed"
                );
                assert!(after.is_signing_in(), "by a sign-in");
            }
        }
    }

    /// A refused call that cannot be sent again: as any other, but it neither waits nor goes again.
    fn check_one_shot(&self, which: usize, refusal: Refusal, after: &Self) {
        let Call::Sent {
            generation,
            is_past,
            ..
        } = self.world.calls[which]
        else {
            panic!("call {which} was not sent");
        };
        assert_eq!(after.world.calls[which], Call::Done, "the app has it");
        let is_current = generation == self.world.newest;
        match refusal {
            _ if is_past => assert!(after.flow == self.flow, "an ended epoch changes nothing"),
            Refusal::Ended(code) if is_current => {
                assert_eq!(after.id(), None, "the session is over");
                assert_eq!(
                    after.world.closed,
                    Some(code),
                    "only a login signs in again"
                );
            }
            Refusal::Renew if self.flow.on_trial(NOW) == Some(generation) => {
                assert_eq!(after.id(), self.id(), "a second refusal keeps the session");
                assert_eq!(after.world.phase, self.world.phase, "and asks for no other");
                let is_paused = after.flow.pauses(NOW)[1];
                assert!(is_paused || !is_current, "and starts a pause");
            }
            Refusal::Renew if is_current && self.is_signing_in() => {
                assert_eq!(after.id(), None, "the session is not used again");
                assert!(after.is_signing_in(), "a renewal is shared");
            }
            Refusal::Renew if !self.is_paused() && (is_current || !self.is_live()) => {
                assert!(after.is_signing_in(), "the session is renewed");
            }
            _ => {
                assert_eq!(after.id(), self.id(), "the session is kept");
                assert_eq!(after.world.phase, self.world.phase, "no other is asked for");
            }
        }
    }

    /// Which session is on trial: the one that the refusal of a one-shot call led to.
    fn check_trial(&self, event: Event, after: &Self, now: u64) {
        let is_waited_for = self.flow.is_for_one_shot();
        let has_ended = self.is_signing_in() && !after.is_signing_in();
        let newer = match event {
            Event::Answer(which, Answer::OneShotRefused(_)) => self.newer_than(which),
            Event::SignOut => None,
            _ if is_waited_for && has_ended && after.is_live() => Some(after.generation()),
            _ => None,
        };
        let expected = match event {
            Event::TrialOver => None,
            _ => newer.or(self.flow.on_trial(now)),
        };
        assert_eq!(after.flow.on_trial(now), expected, "the session on trial");
        let begins = matches!(
            event,
            Event::Answer(_, Answer::OneShotRefused(Refusal::Renew))
        );
        let goes_on = after.is_signing_in() && (is_waited_for || begins);
        assert!(
            !after.flow.is_for_one_shot() || goes_on,
            "only a renewal is on trial"
        );
    }

    /// The session that the refused call would go again with.
    fn newer_than(&self, which: usize) -> Option<Generation> {
        let Call::Sent {
            generation,
            is_past,
            ..
        } = self.world.calls[which]
        else {
            return None;
        };
        let is_old = generation != self.world.newest && !is_past;
        let is_second = self.flow.on_trial(NOW) == Some(generation);
        let has_newer = is_old && !is_second && self.is_live() && !self.is_signing_in();
        has_newer.then(|| self.generation())
    }

    /// How the sign-in goes on.
    fn check_step(&self, event: Event, after: &Self, now: u64) {
        let gives_up = match event {
            Event::LoginCode(is_given) => !is_given,
            Event::Data(is_there) => !is_there,
            Event::Post(Ending::CodeInvalid) => self.world.codes == 2,
            Event::Post(
                Ending::NoSession
                | Ending::UserBlocked
                | Ending::Misconfigured
                | Ending::Rejected
                | Ending::BusyForLong,
            ) => true,
            Event::Post(Ending::Issued) => {
                assert!(after.is_live(), "the session stands");
                assert!(!after.is_signing_in(), "and that is all");
                assert!(!after.flow.pauses(NOW)[0], "a success ends the pause");
                return;
            }
            Event::Post(_) => self.world.posts == 3,
            // The timer's. Whether two posts without an answer leave time for a third only the machine knows.
            _ => match self.world.open {
                Some((Task::Post, _)) if self.world.posts == 2 => !after.is_signing_in(),
                Some((Task::Post, _)) => self.world.posts == 3,
                Some(_) => true,
                None => false,
            },
        };
        assert_eq!(
            gives_up,
            !after.is_signing_in(),
            "what may help is tried, and nothing else"
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
