//! The pause that follows a failure.

/// How long to leave the server alone. All in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pause {
    began: u64,
    /// Zero while nothing has failed.
    length: u32,
    /// The length of the next one; zero stands for the shortest.
    next: u32,
}

impl Pause {
    const SHORTEST: u32 = 1_000;
    const LONGEST: u32 = 60_000;
    /// Of the times that a server names.
    const LONGEST_NAMED: u32 = 3_600_000;

    /// Milliseconds left. A clock that stands before the beginning has jumped, and ends the pause.
    pub(super) fn left(self, now: u64) -> Option<u32> {
        let age = u32::try_from(now.checked_sub(self.began)?).ok()?;
        self.length.checked_sub(age).filter(|left| *left > 0)
    }

    /// One more failure: twice as long as the last pause, and at least as long as the server `named`. What fails
    /// during a pause makes it longer only where the server names a time.
    pub(super) fn extend(&mut self, now: u64, named: u32) {
        let left = self.left(now).unwrap_or(0);
        let mut length = left.max(named.min(Self::LONGEST_NAMED));
        if left == 0 {
            let own = self.next.max(Self::SHORTEST);
            length = length.max(own);
            self.next = (own * 2).min(Self::LONGEST);
        }
        self.began = now;
        self.length = length;
    }

    /// Forgets the failures of a time ago: the last pause has been over for longer than the longest.
    pub(super) fn decay(&mut self, now: u64) {
        if now > self.began + u64::from(self.length + Self::LONGEST) {
            *self = Self::default();
        }
    }

    /// A failure that will pass by itself.
    pub(super) fn restart(&mut self, now: u64) {
        *self = Self {
            began: now,
            length: Self::SHORTEST,
            next: 0,
        };
    }
}
