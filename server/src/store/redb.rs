//! The store for one machine: a file, no service beside the server.
//!
//! Reads run side by side; all writes go through one thread, which makes one durable commit of
//! whatever has queued up meanwhile, so that many sign-ins share the price of one.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use tokio::sync::oneshot;

use super::clock::Clock;
use super::{Answer, Millis, Store, StoreError, UserKey};
use crate::private;

/// User to the time when the value is over, and the value.
const VALUES: TableDefinition<'_, &[u8; 16], (Millis, &[u8])> = TableDefinition::new("values");
/// One entry: the time of the last commit.
const CLOCK: TableDefinition<'_, (), Millis> = TableDefinition::new("clock");

const CACHE_BYTES: usize = 128 << 20;
const READ_DEADLINE: Duration = Duration::from_millis(100);
/// Longer than for reading: a commit waits for the disk, which on a busy machine takes its time, and
/// by then the sign-in that asked for it has used up its login code.
const SWAP_DEADLINE: Duration = Duration::from_secs(2);
const QUEUED_SWAPS: usize = 1024;
const SWAPS_PER_COMMIT: usize = 256;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const SWEPT_AT_ONCE: usize = 500;

/// Values in a file.
pub struct RedbStore {
    database: Arc<Database>,
    clock: Arc<Clock>,
    /// Taken when the store is dropped: that ends the writer.
    swaps: Option<SyncSender<Swap>>,
    writer: Option<JoinHandle<()>>,
}

struct Swap {
    user: UserKey,
    old: Option<Vec<u8>>,
    new: Option<Vec<u8>>,
    until: Millis,
    answer: oneshot::Sender<Result<bool, Arc<redb::Error>>>,
}

impl RedbStore {
    /// Opens the file, or makes it, readable by its owner only.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let (database, last_commit) = open(path).map_err(failed)?;
        let database = Arc::new(database);
        let clock = Arc::new(Clock::start(last_commit));
        let (swaps, queue) = mpsc::sync_channel(QUEUED_SWAPS);
        let writer = Writer {
            database: Arc::clone(&database),
            clock: Arc::clone(&clock),
            swept: None,
        };
        let writer = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run(&queue))
            .map_err(failed)?;
        Ok(Self {
            database,
            clock,
            swaps: Some(swaps),
            writer: Some(writer),
        })
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        drop(self.swaps.take());
        if let Some(writer) = self.writer.take() {
            // It ends with its queue; a writer that panicked has nothing left to close.
            let _ = writer.join();
        }
    }
}

impl Store for RedbStore {
    fn get(&self, user: UserKey) -> Answer<'_, Option<Vec<u8>>> {
        let database = Arc::clone(&self.database);
        let now = self.now();
        Box::pin(async move {
            let read = tokio::task::spawn_blocking(move || read(&database, user, now));
            match tokio::time::timeout(READ_DEADLINE, read).await {
                Ok(Ok(value)) => value.map_err(failed),
                Ok(Err(panicked)) => Err(failed(panicked)),
                Err(_) => Err(StoreError::Late),
            }
        })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> Answer<'_, bool> {
        let (answer, answered) = oneshot::channel();
        let until = self.now().saturating_add(ttl);
        let swap = Swap {
            user,
            old,
            new,
            until,
            answer,
        };
        let queued = self
            .swaps
            .as_ref()
            .is_some_and(|swaps| swaps.try_send(swap).is_ok());
        Box::pin(async move {
            if !queued {
                return Err(StoreError::Full);
            }
            match tokio::time::timeout(SWAP_DEADLINE, answered).await {
                Ok(Ok(outcome)) => outcome.map_err(failed),
                Ok(Err(writer_gone)) => Err(failed(writer_gone)),
                Err(_) => Err(StoreError::Late),
            }
        })
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

fn open(path: &Path) -> Result<(Database, Millis), redb::Error> {
    if let Err(error) = private::create_file(path)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error.into());
    }
    let database = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create(path)?;
    let transaction = database.begin_write()?;
    // Tables come into being here, so that no read ever finds them missing.
    transaction.open_table(VALUES)?;
    let last_commit = transaction
        .open_table(CLOCK)?
        .get(())?
        .map_or(0, |time| time.value());
    transaction.commit()?;
    Ok((database, last_commit))
}

fn read(database: &Database, user: UserKey, now: Millis) -> Result<Option<Vec<u8>>, redb::Error> {
    alive(&database.begin_read()?.open_table(VALUES)?, user, now)
}

fn alive(
    values: &impl ReadableTable<&'static [u8; 16], (Millis, &'static [u8])>,
    user: UserKey,
    now: Millis,
) -> Result<Option<Vec<u8>>, redb::Error> {
    let stored = values.get(&user.0)?;
    Ok(stored.and_then(|stored| {
        let (until, bytes) = stored.value();
        (now < until).then(|| bytes.to_vec())
    }))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed(Box::new(error))
}

struct Writer {
    database: Arc<Database>,
    clock: Arc<Clock>,
    /// The key inspected last by the sweep.
    swept: Option<[u8; 16]>,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Swap>) {
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
        let (database, _) = open(&folder.path().join("sessions.redb")).unwrap();
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
        let mut writer = Writer {
            database: Arc::new(database),
            clock: Arc::new(Clock::start(0)),
            swept: None,
        };
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
