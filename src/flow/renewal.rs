//! The session that the refusal of a one-shot call last led to.

use super::event::Generation;

/// Tells whether a one-shot call is refused for the second time, though no call counts its sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Renewal {
    /// The session that came; 0 if there was no such refusal yet.
    generation: Generation,
    /// When it came, in milliseconds.
    came: u64,
}

impl Renewal {
    /// Milliseconds after which the session has helped, whatever refuses it later.
    pub(super) const TRIAL: u64 = 60_000;

    /// A one-shot call was refused, and this session is what came of it.
    pub(super) fn brought(&mut self, generation: Generation, now: u64) {
        *self = Self {
            generation,
            came: now,
        };
    }

    /// Whether a refusal of this session is a second one. A clock that stands before the beginning has jumped; then the
    /// trial begins anew.
    pub(super) fn is_on_trial(self, generation: Generation, now: u64) -> bool {
        self.generation == generation && now.saturating_sub(self.came) < Self::TRIAL
    }
}
