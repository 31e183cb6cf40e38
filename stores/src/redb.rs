//! The store for one machine: a file, no service beside the server.
//!
//! Reads run side by side; all writes go through one thread, which makes one durable commit of
//! whatever has queued up meanwhile, so that many sign-ins share the price of one. That thread also opens
//! the file anew after a failure.

mod file;
mod sweep;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition,
};
use tokio::sync::oneshot;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Clock, Store, StoreError, StoreFuture};
use wxsession_server::user::Millis;

use self::file::DatabaseFile;
use self::writer::{Swap, Writer};
use crate::permissions;

/// User to the time when the value is over, and the value.
const VALUES: TableDefinition<'_, &[u8; 16], (Millis, &[u8])> = TableDefinition::new("values");
/// One entry: the time of the last commit.
const CLOCK: TableDefinition<'_, (), Millis> = TableDefinition::new("clock");

const CACHE_BYTES: usize = 128 << 20;
/// A commit waits for the disk, which on a busy machine takes its time, and by then the sign-in that
/// asked for it has used up its login code: giving up early would only make it ask for another.
const SWAP_DEADLINE: Duration = Duration::from_secs(2);
const QUEUED_SWAPS: usize = 1024;

/// Why a file cannot be the store's.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server has it.
    #[error("another server uses it; stop that, or give this one a folder of its own")]
    InUse,
    /// It is not what this server writes.
    #[error(
        "it is damaged, or no file of this server; restore it, or remove it to begin anew, which signs \
         everybody out"
    )]
    Damaged(#[source] redb::Error),
    /// The system does not let it be read and written.
    #[error("it cannot be read and written; check its owner and the disk")]
    Failed(#[source] io::Error),
}

/// Values in a file.
pub struct RedbStore {
    file: Arc<DatabaseFile>,
    clock: Arc<Clock>,
    /// Taken when the store is dropped: that ends the writer.
    swaps: Option<SyncSender<Swap>>,
    writer: Option<JoinHandle<()>>,
}

impl RedbStore {
    /// Opens the file, or makes it, readable by its owner only.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        match permissions::create_file(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(OpenError::Failed(error));
            }
            _ => {}
        }
        let database = builder()
            // redb trusts a file that was closed well, and would panic over one damaged since.
            .set_check_integrity_on_open(true)
            .create(path)
            .map_err(redb::Error::from)?;
        let path = path.to_owned();
        // Not made where it is missing by then: an empty one would sign everybody out.
        Self::start(database, move || builder().open(&path))
    }

    /// Whether it holds no value, not even one that is over.
    pub fn is_empty(&self) -> Result<bool, OpenError> {
        let empty = self
            .file
            .with(|database| Ok(database.begin_read()?.open_table(VALUES)?.is_empty()?));
        Ok(empty?)
    }

    fn start(
        database: Database,
        open: impl Fn() -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let last_commit = prepare(&database)?;
        let file = Arc::new(DatabaseFile::new(database, open));
        // One clock for as long as the server runs: opening the file anew does not touch it.
        let clock = Arc::new(Clock::start(last_commit));
        let (swaps, queue) = mpsc::sync_channel(QUEUED_SWAPS);
        let writer = Writer::new(Arc::clone(&file), Arc::clone(&clock));
        let writer = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run(&queue))
            .map_err(OpenError::Failed)?;
        Ok(Self {
            file,
            clock,
            swaps: Some(swaps),
            writer: Some(writer),
        })
    }
}

impl From<redb::Error> for OpenError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Self::InUse,
            // That is how redb tells that a file is none of its own, or ends too soon.
            redb::Error::Io(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::Failed(error)
            }
            error => Self::Damaged(error),
        }
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
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        // Read here and now: from redb's cache or the system's it takes a microsecond or two, and
        // handing it to another thread and back takes many times that.
        let now = self.now();
        let value = self.file.with(|database| read(database, user, now));
        let value = value.map_err(failed);
        Box::pin(async { value })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        let (answer, answered) = oneshot::channel();
        let until = self.now().saturating_add(ttl);
        let swap = Swap {
            user,
            old,
            new,
            until,
            answer,
        };
        let queued = match self.swaps.as_ref().map(|swaps| swaps.try_send(swap)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(StoreError::Full),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(gone()),
        };
        Box::pin(async move {
            queued?;
            match tokio::time::timeout(SWAP_DEADLINE, answered).await {
                Ok(Ok(outcome)) => outcome.map_err(failed),
                Ok(Err(_)) => Err(gone()),
                Err(_) => Err(StoreError::Late),
            }
        })
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Makes the tables, so that no read ever finds them missing; gives the time of the last commit.
fn prepare(database: &Database) -> Result<Millis, redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(VALUES)?;
    let last_commit = transaction
        .open_table(CLOCK)?
        .get(())?
        .map_or(0, |time| time.value());
    transaction.commit()?;
    Ok(last_commit)
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

/// The writer ended before its time, which it does only by panicking.
fn gone() -> StoreError {
    StoreError::Failed("the thread that writes is gone".into())
}
