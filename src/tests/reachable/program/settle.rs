//! What the program makes of the answer to a ticket. Whoever waited for an attempt that was not theirs asks again at once.

use super::{Heard, Program, attempt_of};
use crate::error::ErrorCode;
use crate::flow::Outcome;
use crate::tests::reachable::world::{Attempt, Call};

impl Program {
    pub(super) fn settle_login(&self, outcome: Outcome) {
        let want = self.world.borrow_mut().login.take();
        let want = want.expect("a login is answered once");
        match outcome {
            Outcome::Go => self.check_that_a_session_is_there(),
            Outcome::Deliver => self.again(|| self.login(want)),
            Outcome::Fail(failure) => {
                let code = failure.code;
                assert_ne!(code, ErrorCode::SignInPaused, "a login skips the pause");
            }
        }
    }

    pub(super) fn settle_attempt(&self, which: usize, outcome: Outcome) {
        let mut world = self.world.borrow_mut();
        let before = std::mem::replace(&mut world.attempts[which], Attempt::Done);
        drop(world);
        assert_eq!(before, Attempt::Waiting, "an attempt is answered once");
        match outcome {
            Outcome::Go => self.check_that_a_session_is_there(),
            Outcome::Deliver => self.attempt(which),
            Outcome::Fail(failure) => {
                let code = failure.code;
                assert_ne!(code, ErrorCode::SignInPaused, "an attempt skips the pause");
            }
        }
    }

    pub(super) fn settle_call(&self, which: usize, outcome: Outcome) {
        let generation = self.client().generation();
        let mut world = self.world.borrow_mut();
        world.newest = world.newest.max(generation);
        let call = &mut world.calls[which];
        let Call::Waiting {
            sends,
            is_past,
            want,
        } = *call
        else {
            panic!("call {which} is answered once: {call:?}, {outcome:?}");
        };
        *call = match outcome {
            Outcome::Go => {
                assert_ne!(generation, 0, "a call goes with a session");
                assert!(sends < 2, "a call is sent at most twice");
                assert!(!is_past, "a call of an ended epoch is never sent again");
                Call::Sent {
                    sends: sends + 1,
                    generation,
                    is_past,
                }
            }
            Outcome::Deliver if sends == 0 => {
                drop(world);
                return self.again(|| self.call(which, want));
            }
            Outcome::Deliver => Call::Done,
            Outcome::Fail(failure) => {
                let is_new = failure.code != ErrorCode::SignInPaused || sends == 0;
                assert!(is_new, "in a pause a refusal is delivered");
                Call::Done
            }
        };
    }

    fn check_that_a_session_is_there(&self) {
        let generation = self.client().generation();
        assert_ne!(generation, 0, "after a login there is a session");
    }

    /// A ticket without a refusal to deliver asks again, because an attempt has failed that was not its own.
    fn again(&self, ask: impl FnOnce()) {
        let heard = self.heard.borrow();
        let has_failed = heard.iter().any(|heard| match heard {
            Heard::Settled(ticket, Outcome::Fail(_)) => attempt_of(*ticket).is_some(),
            _ => false,
        });
        assert!(has_failed, "there is a refusal to deliver");
        drop(heard);
        ask();
    }
}
