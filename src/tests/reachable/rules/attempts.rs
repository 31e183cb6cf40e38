//! What must hold of logins with credentials.

use crate::flow::{Outcome, Ticket, Want};
use crate::milliseconds::Milliseconds;
use crate::tests::reachable::event::{Event, PostEnd};
use crate::tests::reachable::program::Heard;
use crate::tests::reachable::state::State;
use crate::tests::reachable::world::{ATTEMPTS, Attempt, CALLS, Call, NOW};

impl State {
    /// An attempt begins: a sign-in of its own, after the one in progress.
    pub(super) fn check_attempt(&self, which: usize, after: &Self) {
        let own = if self.is_signing_in() {
            self.world.sign_in.attempt
        } else {
            Some(which)
        };
        assert_eq!(
            after.world.sign_in.attempt, own,
            "it never shares a sign-in"
        );
        assert!(
            after.is_signing_in(),
            "even in a pause, and whatever stands"
        );
        self.check_that_nothing_changed(after, NOW);
    }

    /// What holds of the attempts in every event.
    pub(super) fn check_attempts(&self, event: Event, after: &Self, heard: &[Heard]) {
        let attempt = self.world.sign_in.attempt;
        if self.goes_on(after) {
            let next = after.world.sign_in.attempt;
            assert_eq!(next, attempt, "a sign-in keeps to its credentials");
        }
        for (which, before) in self.world.attempts.iter().enumerate() {
            let next = after.world.attempts[which];
            let is_own = attempt == Some(which);
            let may_end = is_own || event == Event::SignOut;
            let has_ended = *before != next && next == Attempt::Done;
            assert!(
                may_end || !has_ended,
                "an attempt ends with its own sign-in"
            );
        }
        let Some(which) = attempt else { return };
        if event != Event::Post(PostEnd::Issued) {
            return;
        }
        let goes = Heard::Settled(ATTEMPTS[which], Outcome::Go);
        assert!(heard.contains(&goes), "the attempt has brought a session");
        for (call, next) in self.world.calls.iter().zip(&after.world.calls) {
            let was_sent = matches!(call, Call::Sent { .. });
            let is_of_this_user = matches!(next, Call::Sent { is_past: false, .. });
            assert!(!was_sent || !is_of_this_user, "the user may now be another");
        }
    }

    /// An attempt has failed.
    pub(super) fn check_failed_attempt(&self, which: usize, after: &Self, now: Milliseconds) {
        let next = after.world.attempts[which];
        assert_eq!(next, Attempt::Done, "its caller is told");
        self.check_that_nothing_changed(after, now);
    }

    /// Whether this ticket waits for an attempt that is another's.
    pub(super) fn is_bystander(&self, ticket: Ticket) -> bool {
        let attempt = self.world.sign_in.attempt;
        attempt.is_some_and(|which| ATTEMPTS[which] != ticket)
    }

    /// Whether the end of the sign-in in progress has somebody ask again.
    pub(super) fn may_ask_again(&self) -> bool {
        self.is_signing_in() && self.world.is_attempted()
    }

    /// Whether a call that may go bare waits under this ticket.
    pub(super) fn is_optional(&self, ticket: Ticket) -> bool {
        let call = self.world.calls.get(ticket.wrapping_sub(CALLS) as usize);
        matches!(
            call,
            Some(Call::Waiting {
                want: Want::Optional,
                ..
            })
        )
    }

    /// Whether the sign-in in progress is still the same.
    pub(super) fn goes_on(&self, after: &Self) -> bool {
        let is_same = self.world.left.sign_ins == after.world.left.sign_ins;
        self.is_signing_in() && after.is_signing_in() && is_same
    }

    /// No session, ending or pause comes or goes. (A session past its deadline may no longer stand.)
    fn check_that_nothing_changed(&self, after: &Self, now: Milliseconds) {
        let is_same = after.id() == self.id() || self.is_expired();
        assert!(is_same, "what stood still stands");
        assert_eq!(after.flow.kept_id(), self.flow.kept_id(), "and is kept");
        assert_eq!(after.flow.ending(), self.flow.ending(), "so is an ending");
        let pauses = self.flow.pauses(NOW);
        assert_eq!(after.flow.pauses(now), pauses, "no pause follows");
    }
}
