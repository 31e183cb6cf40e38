//! The normal form in which the exploration in `tests/reachable.rs` compares this machine.

use super::{Exchange, State, Step};
use crate::milliseconds::Milliseconds;

impl Exchange {
    /// Brings states with the same future into one form: the open or last step gets the number `last`, `passed`
    /// milliseconds are taken off the clock, and fields that are not in use get the worst value, to expose a machine that
    /// relies on them. Returns the number that the step had.
    pub(crate) fn normalize(&mut self, last: Step, passed: Milliseconds) -> Step {
        self.presented |= self.state != State::Post;
        if self.state == State::Idle {
            self.failures = Self::FAILURES - 1;
            self.is_fresh = true;
            self.is_doubtful = true;
            self.is_bare = true;
            self.due = Milliseconds::ZERO;
        } else {
            self.due = self.due - passed;
        }
        let has_posted =
            self.state == State::Post || self.failures > 0 || self.is_fresh || self.is_bare;
        self.began = if has_posted && self.state != State::Idle {
            self.began - passed
        } else {
            Milliseconds::ZERO
        };
        std::mem::replace(&mut self.step, last)
    }
}
