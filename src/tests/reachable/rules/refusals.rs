//! What must hold of refusals.

use crate::flow::{Generation, Phase};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::tests::reachable::event::{CallEnd, Event};
use crate::tests::reachable::state::State;
use crate::tests::reachable::world::{Call, NOW};

impl State {
    pub(super) fn check_refusal(&self, which: usize, refusal: Refusal, after: &Self) {
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
                let is_wished = login.is_some() || after.world.sign_in.attempt.is_some();
                let is_ended = is_wished || after.world.phase == Phase::Ended;
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
                assert_eq!(
                    after.world.phase, self.world.phase,
                    "and asks for no other session"
                );
                let is_paused = after.flow.pauses(NOW)[1];
                assert!(is_paused || !is_current, "and starts a pause");
            }
            _ if !is_current && self.is_live() && !self.is_signing_in() => {
                assert!(matches!(call, Call::Sent { sends: 2, .. }), "it goes again");
            }
            Refusal::Ended(_) => {
                assert_eq!(call, Call::Done, "there is no session to go again with")
            }
            Refusal::Renew if self.world.sign_in.attempt.is_some() => {
                assert_eq!(call, Call::Done, "it might go again for another user");
            }
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

    /// A refused call that cannot be sent again is treated like any other, but neither waits nor goes again.
    pub(super) fn check_one_shot(&self, which: usize, refusal: Refusal, after: &Self) {
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
                assert_eq!(
                    after.world.phase, self.world.phase,
                    "and asks for no other session"
                );
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
                assert_eq!(
                    after.world.phase, self.world.phase,
                    "no other session is asked for"
                );
            }
        }
    }

    /// The session on trial is the one that the refusal of a one-shot call led to.
    pub(super) fn check_trial(&self, event: Event, after: &Self, now: Milliseconds) {
        let is_waited_for = self.flow.is_for_one_shot();
        let has_ended = self.is_signing_in() && !self.goes_on(after);
        let newer = match event {
            Event::CallEnds(which, CallEnd::OneShotRefused(_)) => self.newer_than(which),
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
            Event::CallEnds(_, CallEnd::OneShotRefused(Refusal::Renew))
        );
        let goes_on = after.is_signing_in() && (is_waited_for || begins);
        assert!(
            !after.flow.is_for_one_shot() || goes_on,
            "a trial has its reason"
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
}
