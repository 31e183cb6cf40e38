//! Removes expired values, in as many steps as it takes, each so small that sign-ins hardly wait for it.

use std::ops::Bound::{Excluded, Unbounded};

use redb::{Database, ReadableDatabase, ReadableTableMetadata};
use wxsession_server::user::Millis;

use super::tables::VALUES;

type Key = [u8; 16];

/// How many values a step inspects.
const STEP: u64 = 500;
/// Every value is inspected within this many turns, however many values there are, so that expired values never
/// amount to more than what expires in that time.
const ROUND: u64 = 600;

/// How far the sweep has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// The key inspected last; `None` at the beginning of a round.
    last: Option<Key>,
    /// How many values each turn of this round inspects.
    share: u64,
    /// How many values are still to be inspected in this turn.
    left: u64,
}

impl Sweep {
    /// Begins a turn. Values that the previous turn did not reach wait for the next round.
    pub(super) fn begin(&mut self, database: &Database) -> Result<(), redb::Error> {
        let values = database.begin_read()?.open_table(VALUES)?.len()?;
        self.share = self.share_of(values);
        self.left = self.share;
        Ok(())
    }

    /// A round that has begun does not slow down because the values that it removes become fewer.
    fn share_of(&self, values: u64) -> u64 {
        match self.last {
            None => share(values),
            Some(_) => share(values).max(self.share),
        }
    }

    /// Whether the turn has steps left.
    pub(super) fn goes_on(&self) -> bool {
        self.left > 0
    }

    /// Abandons the turn.
    pub(super) fn stop(&mut self) {
        self.left = 0;
    }

    /// Removes the expired ones among the next few values. Nothing else may write at the same time.
    pub(super) fn step(&mut self, database: &Database, now: Millis) -> Result<(), redb::Error> {
        let most = STEP.min(self.left);
        let mut seen = 0;
        let mut last = None;
        let mut over = Vec::new();
        let from = self.last.as_ref().map_or(Unbounded, Excluded);
        let values = database.begin_read()?.open_table(VALUES)?;
        for entry in values.range::<&Key>((from, Unbounded))?.take(most as usize) {
            let (key, value) = entry?;
            seen += 1;
            last = Some(*key.value());
            if now >= value.value().0 {
                over.push(*key.value());
            }
        }
        remove(database, &over)?;
        self.left -= most;
        // After the last value a new round begins.
        self.last = last.filter(|_| seen == most);
        Ok(())
    }
}

/// How many of all the values to inspect in one turn, at the beginning of a round.
fn share(values: u64) -> u64 {
    values.div_ceil(ROUND).max(STEP)
}

fn remove(database: &Database, keys: &[Key]) -> Result<(), redb::Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    {
        let mut values = transaction.open_table(VALUES)?;
        for key in keys {
            values.remove(key)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use redb::{Database, ReadableDatabase, ReadableTableMetadata};
    use wxsession_server::user::Millis;

    use super::{ROUND, STEP, Sweep, VALUES, share};

    /// Every other value has expired.
    fn values(count: u64) -> (Database, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("sessions.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut values = transaction.open_table(VALUES).unwrap();
            for number in 0..u128::from(count) {
                let until = if number % 2 == 0 { 1 } else { Millis::MAX };
                values
                    .insert(&number.to_be_bytes(), (until, b"value".as_slice()))
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
        (database, folder)
    }

    fn left(database: &Database) -> u64 {
        let values = database.begin_read().unwrap().open_table(VALUES).unwrap();
        values.len().unwrap()
    }

    #[test]
    fn each_value_is_looked_at_within_a_round_however_many_there_are() {
        for values in [0, 1, STEP, ROUND * STEP, ROUND * STEP + 1, 1 << 20, 1 << 30] {
            assert!(share(values) * ROUND >= values, "{values}");
        }
    }

    #[test]
    fn a_round_in_which_everything_goes_takes_no_more_turns_than_another() {
        let mut left = 1_000_000;
        let mut sweep = Sweep::default();
        for _ in 0..ROUND {
            sweep.share = sweep.share_of(left);
            left -= sweep.share.min(left);
            sweep.last = Some([0; 16]);
        }
        assert_eq!(left, 0);
        sweep.last = None;
        assert_eq!(sweep.share_of(left), STEP);
    }

    #[test]
    fn what_is_over_is_swept_in_bounded_steps() {
        let (database, _folder) = values(2 * STEP);
        let mut sweep = Sweep {
            left: 2 * STEP,
            ..Sweep::default()
        };
        sweep.step(&database, 1).unwrap();
        assert_eq!(left(&database), STEP / 2 * 3);
        assert!(sweep.goes_on());
        sweep.step(&database, 1).unwrap();
        assert_eq!(left(&database), STEP);
        assert!(!sweep.goes_on());
    }

    #[test]
    fn a_turn_makes_as_many_steps_as_its_share_takes() {
        let (database, _folder) = values(2 * STEP + 2);
        let mut sweep = Sweep {
            left: 2 * STEP + 2,
            ..Sweep::default()
        };
        let mut steps = 0;
        while sweep.goes_on() {
            sweep.step(&database, 1).unwrap();
            steps += 1;
        }
        assert_eq!((steps, left(&database)), (3, STEP + 1));
    }

    #[test]
    fn after_the_last_value_a_round_begins_anew() {
        let (database, _folder) = values(10);
        let mut sweep = Sweep::default();
        for now in [0, 1] {
            sweep.begin(&database).unwrap();
            while sweep.goes_on() {
                sweep.step(&database, now).unwrap();
            }
        }
        assert_eq!(left(&database), 5);
    }
}
