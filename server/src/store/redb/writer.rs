//! The one thread that writes: commits swaps together, and sweeps away what is over.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase};
use tokio::sync::oneshot;

use super::{CLOCK, VALUES, alive};
use crate::store::clock::Clock;
use crate::store::{Millis, UserKey};

const SWAPS_PER_COMMIT: usize = 256;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const SWEPT_AT_ONCE: usize = 500;

/// A swap to make, and who waits for it.
pub(super) struct Swap {
    pub(super) user: UserKey,
    pub(super) old: Option<Vec<u8>>,
    pub(super) new: Option<Vec<u8>>,
    pub(super) until: Millis,
    pub(super) answer: oneshot::Sender<Result<bool, Arc<redb::Error>>>,
}

pub(super) struct Writer {
    database: Arc<Database>,
    clock: Arc<Clock>,
    /// The key inspected last by the sweep.
    swept: Option<[u8; 16]>,
}

impl Writer {
    pub(super) fn new(database: Arc<Database>, clock: Arc<Clock>) -> Self {
        Self {
            database,
            clock,
            swept: None,
        }
    }

    pub(super) fn run(mut self, queue: &Receiver<Swap>) {
        let mut next_sweep = Instant::now() + SWEEP_EVERY;
        loop {
            match queue.recv_timeout(next_sweep.saturating_duration_since(Instant::now())) {
                Ok(first) => {
                    let more = queue.try_iter().take(SWAPS_PER_COMMIT - 1);
                    self.apply(std::iter::once(first).chain(more).collect());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= next_sweep {
                if let Err(error) = self.sweep() {
                    tracing::warn!(%error, "sweeping the store failed");
                }
                next_sweep = Instant::now() + SWEEP_EVERY;
            }
        }
    }

    /// Commits the swaps together and answers them; who has stopped waiting is not told.
    fn apply(&self, swaps: Vec<Swap>) {
        match self.commit(&swaps) {
            Ok(outcomes) => {
                for (swap, outcome) in swaps.into_iter().zip(outcomes) {
                    let _ = swap.answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for swap in swaps {
                    let _ = swap.answer.send(Err(Arc::clone(&error)));
                }
            }
        }
    }

    fn commit(&self, swaps: &[Swap]) -> Result<Vec<bool>, redb::Error> {
        let now = self.clock.now();
        let mut outcomes = Vec::with_capacity(swaps.len());
        let transaction = self.database.begin_write()?;
        {
            let mut values = transaction.open_table(VALUES)?;
            for swap in swaps {
                let applies = alive(&values, swap.user, now)? == swap.old;
                outcomes.push(applies);
                match &swap.new {
                    _ if !applies => {}
                    Some(bytes) => {
                        values.insert(&swap.user.0, (swap.until, bytes.as_slice()))?;
                    }
                    None => {
                        values.remove(&swap.user.0)?;
                    }
                }
            }
            transaction.open_table(CLOCK)?.insert((), now)?;
        }
        transaction.commit()?;
        Ok(outcomes)
    }

    /// Removes the values that are over among the next few. Nothing else writes meanwhile: this is
    /// the thread that writes.
    fn sweep(&mut self) -> Result<(), redb::Error> {
        let now = self.clock.now();
        let mut over = Vec::new();
        let mut last = None;
        {
            let values = self.database.begin_read()?.open_table(VALUES)?;
            let from = self.swept.unwrap_or_default();
            for entry in values.range::<&[u8; 16]>(&from..)?.take(SWEPT_AT_ONCE) {
                let (key, value) = entry?;
                last = Some(*key.value());
                if now >= value.value().0 {
                    over.push(*key.value());
                }
            }
        }
        // At the end (nothing but the key seen last) it begins anew.
        self.swept = if last == self.swept { None } else { last };
        if over.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin_write()?;
        {
            let mut values = transaction.open_table(VALUES)?;
            for key in &over {
                values.remove(key)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use redb::ReadableTableMetadata;

    use super::*;

    #[test]
    fn what_is_over_is_swept_in_bounded_steps() {
        let folder = tempfile::tempdir().unwrap();
        let (database, _) = super::super::open(&folder.path().join("sessions.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut values = transaction.open_table(VALUES).unwrap();
            for number in 0..2 * SWEPT_AT_ONCE as u128 {
                let until = if number % 2 == 0 { 0 } else { Millis::MAX };
                values
                    .insert(&number.to_be_bytes(), (until, b"value".as_slice()))
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
        let mut writer = Writer::new(Arc::new(database), Arc::new(Clock::start(0)));
        let left = |writer: &Writer| {
            writer
                .database
                .begin_read()
                .unwrap()
                .open_table(VALUES)
                .unwrap()
                .len()
                .unwrap()
        };
        writer.sweep().unwrap();
        assert_eq!(left(&writer), 750);
        while writer.swept.is_some() {
            writer.sweep().unwrap();
        }
        assert_eq!(left(&writer), 500);
    }
}
