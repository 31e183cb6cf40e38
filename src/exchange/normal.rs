//! The normal form in which the exploration in `tests/reachable.rs` compares this machine.

use super::{Exchange, State, Step};

impl Exchange {
    /// Gives states from which the same can follow one form: the step that is open, or was last, has the number
    /// `last`, `passed` milliseconds are taken off the clock, and what is not in use yet gets the worst value, so
    /// that a machine that relies on it is noticed. Returns the number that the step had.
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
