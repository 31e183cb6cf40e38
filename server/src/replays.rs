//! What signed requests have been served, so that none is served twice.
//!
//! Where several servers share a store, the store remembers; elsewhere this process does, in two generations of a bounded
//! set. Nothing that the sets may not forget is forgotten: while one is full, the server is busy for those who share it. They
//! are apart by user, so that nobody fills the memory for everybody.
//!
//! A restart forgets everything. So a proof that was made before the process began, or in that second, counts as late, and its client signs again.
//! What is left is the phone whose clock is ahead: what it sent may be sent again after a restart until its own time is over.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use wxsession_protocol::proof::{Proof, REMEMBERED_SECONDS};

use crate::identity::UserKey;
use crate::once_a_minute::OnceAMinute;
use crate::proof::{Judged, ProofError};
use crate::sessions::{Sessions, SessionsError};
use crate::store::{Mark, Noted};
use crate::user::Millis;

/// How many sets there are. Each user belongs to one.
const SHELVES: usize = 1024;
/// How many marks a set holds. All together, when all are full, take about 150 MB, which takes 8,700 signed writes a second.
const MARKS: usize = 2048;

/// How long a mark is kept at least, in milliseconds.
pub(crate) const KEPT_FOR: Millis = REMEMBERED_SECONDS * 1000;

static FULL: OnceAMinute = OnceAMinute::new();

/// A proof that must not have been presented before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unrepeated {
    pub(crate) mark: Mark,
    created: u64,
}

impl Unrepeated {
    pub(crate) fn of(proof: &Proof<'_>) -> Self {
        Self {
            mark: Mark(proof.mark()),
            created: proof.created(),
        }
    }
}

/// The memory of this process.
pub(crate) struct Replays {
    /// The first second of which it knows everything, since 1970: the one after the second in which it began. In that one a
    /// process before this may have served something.
    since: u64,
    shelves: Box<[Mutex<Shelf>]>,
}

/// The marks of some users.
#[derive(Default)]
struct Shelf {
    /// Since when the younger generation is filled, in milliseconds.
    turned: Millis,
    younger: HashSet<Mark>,
    older: HashSet<Mark>,
}

impl Sessions {
    /// Sees to it that a proof counts once, where no value is read at the same time.
    pub(crate) async fn remember(&self, judged: &Judged) -> Result<(), SessionsError> {
        let Some(unrepeated) = judged.unrepeated else {
            return Ok(());
        };
        let user = judged.token.user();
        let noting = self.store().get_noting(user, unrepeated.mark, KEPT_FOR);
        let (_, noted) = noting.await?;
        self.note(user, unrepeated, noted)
    }

    /// Refuses a proof that was presented before, given what the store says of it.
    pub(crate) fn note(
        &self,
        user: UserKey,
        unrepeated: Unrepeated,
        noted: Noted,
    ) -> Result<(), SessionsError> {
        match noted {
            Noted::New => Ok(()),
            Noted::Again => Err(ProofError::Replayed.into()),
            Noted::Nowhere => self.replays().note(user, unrepeated, self.now()),
        }
    }
}

impl Replays {
    /// An empty memory, given the time in milliseconds.
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            since: now / 1000 + 1,
            shelves: (0..SHELVES).map(|_| Mutex::default()).collect(),
        }
    }

    /// The time for phones to sign by, in seconds since 1970.
    pub(crate) fn clock(&self, now: Millis) -> u64 {
        let now = now / 1000;
        // A store that remembers marks itself may have told another time before it was reached.
        now.max(self.since.min(now + 1))
    }

    fn note(
        &self,
        user: UserKey,
        Unrepeated { mark, created }: Unrepeated,
        now: Millis,
    ) -> Result<(), SessionsError> {
        if created < self.since {
            let now = self.clock(now);
            return Err(ProofError::Late { now }.into());
        }
        let place = usize::from(u16::from_le_bytes([user.0[0], user.0[1]])) % SHELVES;
        let shelf = &self.shelves[place];
        // Nothing panics while it holds the lock.
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.note(mark, now)
    }
}

impl Shelf {
    fn note(&mut self, mark: Mark, now: Millis) -> Result<(), SessionsError> {
        self.turn(now);
        if self.younger.contains(&mark) || self.older.contains(&mark) {
            return Err(ProofError::Replayed.into());
        }
        if self.younger.len() >= MARKS {
            if let Some(left_out) = FULL.due() {
                tracing::error!(
                    left_out,
                    "more signed requests than can be remembered; other servers on one Redis remember more"
                );
            }
            return Err(SessionsError::Crowded);
        }
        self.younger.insert(mark);
        Ok(())
    }

    /// Forgets what is old enough.
    fn turn(&mut self, now: Millis) {
        // A clock that is put right may go back. Then what is kept is kept for longer.
        let passed = now.saturating_sub(self.turned);
        if passed >= KEPT_FOR {
            let younger = std::mem::take(&mut self.younger);
            self.older = if passed < 2 * KEPT_FOR {
                younger
            } else {
                HashSet::new()
            };
        }
        if passed >= KEPT_FOR || now < self.turned {
            self.turned = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_FOR, MARKS, Replays, Shelf, Unrepeated};
    use crate::identity::UserKey;
    use crate::proof::ProofError;
    use crate::sessions::SessionsError;
    use crate::store::Mark;

    const START: u64 = 1_764_460_800_000;

    fn mark(number: usize) -> Mark {
        Mark((number as u128).to_le_bytes())
    }

    fn is_new(shelf: &mut Shelf, number: usize, now: u64) -> bool {
        match shelf.note(mark(number), now) {
            Ok(()) => true,
            Err(SessionsError::Proof(ProofError::Replayed)) => false,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn whenever_a_mark_comes_it_is_known_for_four_minutes() {
        // Of the first mark the shelf's generation begins; the second falls anywhere within it.
        for first in (0..KEPT_FOR).step_by(7_000) {
            for after in (0..KEPT_FOR).step_by(7_000).chain([KEPT_FOR - 1]) {
                let mut shelf = Shelf::default();
                assert!(is_new(&mut shelf, 0, START));
                assert!(is_new(&mut shelf, 1, START + first));
                // Others come meanwhile.
                for step in 0..4 {
                    let _ = shelf.note(mark(10 + step), START + first + after * step as u64 / 4);
                }
                assert!(
                    !is_new(&mut shelf, 1, START + first + after),
                    "{first} {after}"
                );
            }
        }
    }

    #[test]
    fn a_mark_is_forgotten_after_two_generations() {
        let mut shelf = Shelf::default();
        assert!(is_new(&mut shelf, 1, START));
        assert!(is_new(&mut shelf, 1, START + 2 * KEPT_FOR));
        assert!(is_new(&mut shelf, 2, START + 2 * KEPT_FOR));
        assert!(is_new(&mut shelf, 3, START + 3 * KEPT_FOR));
        assert!(is_new(&mut shelf, 4, START + 4 * KEPT_FOR));
        assert!(is_new(&mut shelf, 1, START + 4 * KEPT_FOR));
        assert!(shelf.older.len() + shelf.younger.len() < 4);
    }

    #[test]
    fn a_full_shelf_forgets_nothing_and_takes_nothing_until_its_time_is_over() {
        let mut shelf = Shelf::default();
        for number in 0..MARKS {
            assert!(is_new(&mut shelf, number, START));
        }
        let crowded = shelf.note(mark(MARKS), START + KEPT_FOR - 1);
        assert!(matches!(crowded, Err(SessionsError::Crowded)));
        assert!(!is_new(&mut shelf, 0, START + KEPT_FOR - 1));
        assert!(is_new(&mut shelf, MARKS, START + KEPT_FOR));
        assert!(!is_new(&mut shelf, 0, START + KEPT_FOR));
        assert_eq!(shelf.younger.len() + shelf.older.len(), MARKS + 1);
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing_early_and_blocks_nobody_for_long() {
        let mut shelf = Shelf::default();
        assert!(is_new(&mut shelf, 1, START));
        let back = START - 3_600_000;
        assert!(!is_new(&mut shelf, 1, back));
        assert!(!is_new(&mut shelf, 1, back + KEPT_FOR - 1));
        assert!(is_new(&mut shelf, 1, back + 2 * KEPT_FOR));
    }

    #[test]
    fn one_user_does_not_fill_the_memory_of_another() {
        let replays = Replays::new(START);
        let note = |user: u8, number| {
            let created = START / 1000 + 1;
            let mark = mark(number);
            replays.note(UserKey([user; 16]), Unrepeated { mark, created }, START)
        };
        for number in 0..MARKS {
            note(1, number).unwrap();
        }
        assert!(matches!(note(1, MARKS), Err(SessionsError::Crowded)));
        note(2, 0).unwrap();
    }

    #[test]
    fn what_was_made_before_the_memory_began_or_in_that_second_is_late() {
        let replays = Replays::new(START);
        let note = |created, now| {
            let unrepeated = Unrepeated {
                mark: mark(1),
                created,
            };
            replays.note(UserKey([1; 16]), unrepeated, now)
        };
        let start = START / 1000;
        for (created, passed, told) in [(start - 1, 5_000, 5), (start, 5_000, 5), (start, 999, 1)] {
            let late = note(created, START + passed);
            let is_told = |error| matches!(error, SessionsError::Proof(ProofError::Late { now }) if now == start + told);
            assert!(late.is_err_and(is_told), "{created} {passed}");
        }
        note(start + 1, START + 5_000).unwrap();
        // A clock that was ahead until the store was reached.
        assert_eq!(replays.clock(START - 60_000), start - 59);
    }
}
