//! The pause that follows a failure.

/// How long to leave the server alone, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pause {
    began: u64,
    /// Zero while nothing has failed.
    length: u32,
    /// The length of the next pause; zero stands for the shortest.
    next: u32,
}

impl Pause {
    /// Nothing has failed.
    pub(super) const NONE: Self = Self {
        began: 0,
        length: 0,
        next: 0,
    };
    const SHORTEST: u32 = 1_000;
    const LONGEST: u32 = 60_000;
    /// The longest time that a server may name.
    const LONGEST_NAMED: u32 = 3_600_000;

    /// Milliseconds left. If the clock shows a time before the pause began, it has jumped, and the pause is over.
    pub(super) fn left(self, now: u64) -> Option<u32> {
        let age = u32::try_from(now.checked_sub(self.began)?).ok()?;
        self.length.checked_sub(age).filter(|left| *left > 0)
    }

    /// Counts one more failure. The pause is twice as long as the last one, and at least as long as the server `named`. A
    /// failure during a pause makes it longer only if the server names a time.
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

    /// Forgets all failures once the last pause has been over for longer than the longest pause.
    pub(super) fn decay(&mut self, now: u64) {
        if now > self.began + u64::from(self.length + Self::LONGEST) {
            *self = Self::NONE;
        }
    }

    /// Counts a failure that passes by itself.
    pub(super) fn restart(&mut self, now: u64) {
        *self = Self {
            began: now,
            length: Self::SHORTEST,
            next: 0,
        };
    }
}
