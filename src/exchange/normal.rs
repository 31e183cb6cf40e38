//! The normal form in which the exploration in `tests/reachable.rs` compares this machine.

use super::{Exchange, State, Step};

impl Exchange {
    /// Brings states with the same future into one form: the open or last step gets the number `last`, `passed`
    /// milliseconds are taken off the clock, and fields that are not in use get the worst value, to expose a machine that
    /// relies on them. Returns the number that the step had.
    pub(crate) fn normalize(&mut self, last: Step, passed: u64) -> Step {
        match self.state {
            State::Post | State::Wait => self.began -= passed,
            _ => {
                self.began = 0;
                self.posts = Self::POSTS_OF_ONE_CODE - 1;
            }
        }
        self.is_fresh |= self.state == State::Idle;
        std::mem::replace(&mut self.step, last)
    }
}
