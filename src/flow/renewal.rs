//! The session that the last refusal of a one-shot call led to.

use super::event::Generation;
use crate::milliseconds::Milliseconds;

/// Tells a first refusal of one-shot calls from a second one, which no count of sends can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Renewal {
    /// The session on trial; 0 before the first such refusal.
    generation: Generation,
    /// When the trial began.
    came: Milliseconds,
}

impl Renewal {
    /// No one-shot call was refused.
    pub(super) const NONE: Self = Self {
        generation: 0,
        came: Milliseconds::ZERO,
    };
    /// A session that is refused later has helped.
    pub(super) const TRIAL: Milliseconds = Milliseconds::new(60_000);

    /// A one-shot call was refused, and was given this session in return.
    pub(super) fn brought(&mut self, generation: Generation, now: Milliseconds) {
        *self = Self {
            generation,
            came: now,
        };
    }

    /// Whether a refusal of this session is a second one. A clock that shows a time before the trial began has jumped, and
    /// does not end the trial.
    pub(super) fn is_on_trial(self, generation: Generation, now: Milliseconds) -> bool {
        self.generation == generation && now - self.came < Self::TRIAL
    }
}
