//! The normal form in which the exploration in `client/reachable.rs` compares this machine.

use super::{Exchange, State, Step};

impl Exchange {
    /// Gives states from which the same can follow one form: the step that is open, or was last, is number `last`,
    /// and `passed` milliseconds are taken off the clock. Returns the number that the step had.
    pub(crate) fn normalize(&mut self, last: Step, passed: u64) -> Step {
        self.began = match self.state {
            State::Post | State::Wait => self.began - passed,
            _ => 0,
        };
        std::mem::replace(&mut self.step, last)
    }
}
