//! What signed requests have been served, so that none is served twice.
//!
//! Where several servers share a store, the store remembers; elsewhere this process does, in two generations of a bounded
//! set. Nothing that the sets may not forget is forgotten: while one is full, the server is busy for those who share it. They
//! are apart by user. What each user leaves is counted, so that nobody fills a set for others, nor the store, which notes a
//! mark before it is known whether the session lives. What is presented again leaves nothing, and is not counted.
//!
//! A restart forgets everything. So a proof that was made before the process began, or in that second, counts as late, and its client signs again.
//! What is left is the phone whose clock is ahead: what it sent may be sent again after a restart until its own time is over.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxsession_protocol::proof::{Proof, REMEMBERED_SECONDS};

use crate::identity::UserKey;
use crate::once_a_minute::OnceAMinute;
use crate::proof::{Judged, ProofError};
use crate::sessions::{Sessions, SessionsError};
use crate::store::{Mark, Noted};
use crate::user::Millis;

/// How many sets there are. Each user belongs to one.
const SHELVES: usize = 1024;
/// How many marks a set holds in a generation. When all are full, they take about 150 MB, and what counts their users takes 100
/// more. They fill unevenly, so about 6,000 signed writes a second have room.
const MARKS: usize = 2048;
/// How many marks a user leaves in a generation, by this process: two a second, which is more than a burst of uploads.
const MARKS_OF_ONE: usize = 512;

/// How long a mark is kept at least, in milliseconds.
pub(crate) const KEPT_FOR: Millis = REMEMBERED_SECONDS * 1000;

static FULL: OnceAMinute = OnceAMinute::new();
static GREEDY: OnceAMinute = OnceAMinute::new();

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
    /// How many marks each left since then, here and in the store. Who comes while it is full is not counted: then so many
    /// users write that none of them matters.
    left: HashMap<UserKey, usize>,
}

impl Sessions {
    /// Sees to it that a proof counts once, where no value is read at the same time.
    pub(crate) async fn remember(&self, judged: &Judged) -> Result<(), SessionsError> {
        let Some(unrepeated) = judged.unrepeated else {
            return Ok(());
        };
        let user = judged.token.user();
        let (_, noted) = self.get_noting(user, unrepeated).await?;
        self.note(user, unrepeated, noted)
    }

    /// Returns a user's value, and what the store says of the proof. Not for a user who has left too many marks.
    pub(crate) async fn get_noting(
        &self,
        user: UserKey,
        unrepeated: Unrepeated,
    ) -> Result<(Option<Vec<u8>>, Noted), SessionsError> {
        let shelf = self.replays().shelf(user);
        lock(shelf).count(user, self.now())?;
        let noting = self.store().get_noting(user, unrepeated.mark, KEPT_FOR);
        let (value, noted) = noting.await?;
        if noted != Noted::New {
            lock(shelf).discount(user);
        }
        Ok((value, noted))
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
        lock(self.shelf(user)).note(user, mark, now)
    }

    fn shelf(&self, user: UserKey) -> &Mutex<Shelf> {
        let place = usize::from(u16::from_le_bytes([user.0[0], user.0[1]])) % SHELVES;
        &self.shelves[place]
    }
}

/// Nothing panics while it holds the lock.
fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// Counts a mark of this user.
    fn count(&mut self, user: UserKey, now: Millis) -> Result<(), SessionsError> {
        self.turn(now);
        let is_full = self.left.len() >= MARKS;
        match self.left.get_mut(&user) {
            Some(left) if *left >= MARKS_OF_ONE => {
                if let Some(left_out) = GREEDY.due() {
                    tracing::warn!(
                        left_out,
                        "a user sends more than 512 signed writes in four minutes; not logged again for a minute"
                    );
                }
                return Err(SessionsError::Crowded);
            }
            Some(left) => *left += 1,
            None if is_full => {}
            None => drop(self.left.insert(user, 1)),
        }
        Ok(())
    }

    /// Takes back what was counted and left nothing.
    fn discount(&mut self, user: UserKey) {
        if let Some(left) = self.left.get_mut(&user) {
            *left = left.saturating_sub(1);
        }
    }

    fn note(&mut self, user: UserKey, mark: Mark, now: Millis) -> Result<(), SessionsError> {
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
        self.count(user, now)?;
        self.younger.insert(mark);
        Ok(())
    }

    /// Forgets what is old enough.
    fn turn(&mut self, now: Millis) {
        // A clock that is put right may go back. Then what is kept is kept for longer.
        let passed = now.saturating_sub(self.turned);
        if passed >= KEPT_FOR {
            self.left.clear();
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
    use super::{KEPT_FOR, MARKS, MARKS_OF_ONE, Replays, Shelf, Unrepeated};
    use crate::identity::UserKey;
    use crate::proof::ProofError;
    use crate::sessions::SessionsError;
    use crate::store::Mark;

    const START: u64 = 1_764_460_800_000;

    fn mark(number: usize) -> Mark {
        Mark((number as u128).to_le_bytes())
    }

    /// One of those who share a shelf.
    fn user(number: usize) -> UserKey {
        let [low, high, ..] = number.to_le_bytes();
        UserKey([[0; 2], [low, high]].concat().repeat(4).try_into().unwrap())
    }

    fn is_new(shelf: &mut Shelf, number: usize, now: u64) -> bool {
        match shelf.note(user(number / MARKS_OF_ONE), mark(number), now) {
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
                    let then = START + first + after * step as u64 / 4;
                    let _ = shelf.note(user(0), mark(10 + step), then);
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
        let crowded = shelf.note(user(9), mark(MARKS), START + KEPT_FOR - 1);
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
    fn one_user_does_not_fill_the_memory_of_those_who_share_the_shelf() {
        let mut shelf = Shelf::default();
        for number in 0..MARKS_OF_ONE {
            shelf.note(user(1), mark(number), START).unwrap();
        }
        let crowded = |shelf: &mut Shelf, now| {
            let noted = shelf.note(user(1), mark(MARKS), now);
            matches!(noted, Err(SessionsError::Crowded))
        };
        assert!(crowded(&mut shelf, START + KEPT_FOR - 1));
        shelf.note(user(2), mark(MARKS), START).unwrap();
        assert!(!crowded(&mut shelf, START + 2 * KEPT_FOR));
    }

    #[test]
    fn who_comes_while_too_many_users_are_counted_is_served() {
        let mut shelf = Shelf::default();
        for number in 0..=MARKS {
            shelf.count(user(number), START).unwrap();
        }
        assert_eq!(shelf.left.len(), MARKS);
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
