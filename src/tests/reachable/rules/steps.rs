//! What must hold of the steps of a sign-in.

use crate::milliseconds::Milliseconds;
use crate::tests::reachable::event::{Event, PostEnd};
use crate::tests::reachable::state::State;
use crate::tests::reachable::world::{Call, NOW, Task};

impl State {
    /// The server says that there is no session for this sign-in to replace silently.
    pub(super) fn check_ending(&self, end: PostEnd, after: &Self) {
        assert_eq!(after.id(), None, "no session stands");
        assert_eq!(after.flow.ending(), end.code(), "only a login signs in");
        let is_asked = end == PostEnd::SignInNeeded;
        let kept = self.world.stored.as_ref().filter(|_| is_asked);
        assert_eq!(
            after.world.stored.as_ref(),
            kept,
            "the server is asked again"
        );
        let is_attempt = self.world.sign_in.attempt.is_some();
        let has_login = self.world.login.is_some() && !is_asked;
        let goes_on = has_login || (is_attempt && !is_asked) || self.world.is_attempted();
        assert_eq!(after.is_signing_in(), goes_on, "a login signs in anew");
        assert_eq!(after.world.login.is_some(), has_login, "and waits for that");
    }

    /// How the sign-in goes on.
    pub(super) fn check_step(&self, event: Event, after: &Self, now: Milliseconds) {
        let gives_up = match event {
            Event::LoginCode(is_given) => !is_given,
            Event::Data(is_there) => !is_there,
            Event::Post(PostEnd::Issued) => {
                assert!(after.is_live(), "the session stands");
                let is_next = after.world.is_attempted();
                assert_eq!(after.is_signing_in(), is_next, "and that is all");
                assert!(!after.flow.pauses(NOW)[0], "a success ends the pause");
                return;
            }
            Event::Post(end) if self.world.is_ended_by(end) => {
                return self.check_ending(end, after);
            }
            Event::Post(ending) => {
                let mut sign_in = self.world.sign_in;
                let may_be_over = sign_in.is_out_of_time(ending) && !self.goes_on(after);
                sign_in.ends(ending) || may_be_over
            }
            // The timer. Only the machine knows whether two posts without an answer leave time for a third.
            _ => match self.world.open {
                Some((Task::Post, _)) if self.world.sign_in.is_short_of_time() => {
                    !self.goes_on(after)
                }
                Some((Task::Post, _)) => self.world.sign_in.failures >= 2,
                Some(_) => true,
                None => false,
            },
        };
        assert_eq!(
            gives_up,
            !self.goes_on(after),
            "exactly what may help is tried"
        );
        if let Some(which) = self.world.sign_in.attempt.filter(|_| gives_up) {
            return self.check_failed_attempt(which, after, now);
        }
        let is_past = self.is_expired() && self.may_ask_again();
        assert!(
            after.id() == self.id() || is_past,
            "what stood still stands"
        );
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
