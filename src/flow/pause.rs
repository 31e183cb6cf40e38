//! The pause that follows a failure.

use crate::milliseconds::Milliseconds;

/// How long to leave the server alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pause {
    began: Milliseconds,
    /// Zero while nothing has failed.
    length: Milliseconds,
    /// The length of the next pause; zero stands for the shortest.
    next: Milliseconds,
}

impl Pause {
    /// Nothing has failed.
    pub(super) const NONE: Self = Self {
        began: Milliseconds::ZERO,
        length: Milliseconds::ZERO,
        next: Milliseconds::ZERO,
    };
    const SHORTEST: Milliseconds = Milliseconds::new(1_000);
    const LONGEST: Milliseconds = Milliseconds::new(60_000);
    /// The longest time that a server may name.
    const LONGEST_NAMED: Milliseconds = Milliseconds::new(3_600_000);

    /// The time left. If the clock shows a time before the pause began, it has jumped, and the pause is over.
    pub(super) fn left(self, now: Milliseconds) -> Milliseconds {
        match now.since(self.began) {
            Some(age) => self.length - age,
            None => Milliseconds::ZERO,
        }
    }

    /// Counts one more failure. The pause is twice as long as the last one, and at least as long as the server `named`. A
    /// failure during a pause makes it longer only if the server names a time.
    pub(super) fn extend(&mut self, now: Milliseconds, named: Milliseconds) {
        let left = self.left(now);
        let mut length = left.max(named.min(Self::LONGEST_NAMED));
        if left.is_zero() {
            let own = self.next.max(Self::SHORTEST);
            length = length.max(own);
            self.next = (own + own).min(Self::LONGEST);
        }
        self.began = now;
        self.length = length;
    }

    /// Forgets all failures once the last pause has been over for longer than the longest pause.
    pub(super) fn decay(&mut self, now: Milliseconds) {
        if now > self.began + self.length + Self::LONGEST {
            self.forget();
        }
    }

    /// Forgets all failures. (When the pause began no longer matters, and the compiler would fill memory by a function.)
    pub(super) fn forget(&mut self) {
        self.length = Milliseconds::ZERO;
        self.next = Milliseconds::ZERO;
    }

    /// Counts a failure that passes by itself.
    pub(super) fn restart(&mut self, now: Milliseconds) {
        *self = Self {
            began: now,
            length: Self::SHORTEST,
            next: Milliseconds::ZERO,
        };
    }
}
