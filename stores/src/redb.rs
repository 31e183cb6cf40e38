//! The store for one machine: a file, with no service beside the server.
//!
//! Reads run in parallel. All writes go through one thread, which commits everything that has queued up in one
//! durable commit, so that many sign-ins share its price. That thread also reopens the file after a failure.
//!
//! A file that this store has closed, and that nobody has touched since, is opened at once. Any other is read as a whole
//! first, which takes the longer the larger it is.

mod closing_mark;
mod file;
mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::{Builder, Database, DatabaseError, ReadableTableMetadata};
use tokio::sync::oneshot;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Clock, Store, StoreError, StoreFuture};
use wxsession_server::user::Millis;

use self::closing_mark::ClosingMark;
use self::file::DatabaseFile;
use self::tables::{alive, prepare};
use self::writer::{Swap, Writer};
use crate::permissions;

const CACHE_BYTES: usize = 128 << 20;
/// A commit waits for the disk, which takes its time on a busy machine. By then the sign-in behind it has used up
/// its login code, so giving up early would only make the client ask for another code.
const SWAP_DEADLINE: Duration = Duration::from_secs(2);
const QUEUED_SWAPS: usize = 1024;

/// Why a file cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server uses it.
    #[error("another server uses it; stop that, or give this one a folder of its own")]
    InUse,
    /// Its content is not what this server writes.
    #[error(
        "it is damaged, or not a file of this server; restore it, or remove it to start over, which signs \
         everybody out"
    )]
    Damaged(#[source] redb::Error),
    /// The system does not allow reading and writing it.
    #[error("it cannot be read and written; check its owner and the disk")]
    Failed(#[source] io::Error),
}

/// Values in a file.
pub struct RedbStore {
    file: Arc<DatabaseFile>,
    clock: Arc<Clock>,
    /// Taken when the store is dropped, which ends the writer.
    swaps: Option<SyncSender<Swap>>,
    writer: Option<JoinHandle<()>>,
    /// Where to note that the file was closed.
    mark: Option<ClosingMark>,
}

impl RedbStore {
    /// Opens the file, or makes it, readable by its owner only.
    ///
    /// ```no_run
    /// use wxsession_stores::RedbStore;
    ///
    /// # fn main() -> Result<(), wxsession_stores::OpenError> {
    /// let store = RedbStore::open("sessions.redb".as_ref())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The file is in use, damaged, or cannot be read and written.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_telling(path, |_| {})
    }

    /// The same, and tells how many bytes the file has before it reads all of them. By then it is certain that no other
    /// server uses the file. It may tell more than once.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_telling(path: &Path, reads: impl Fn(u64) + 'static) -> Result<Self, OpenError> {
        match permissions::create_file(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(OpenError::Failed(error));
            }
            _ => {}
        }
        let mark = ClosingMark::of(path);
        let measured = path.to_owned();
        let database = builder()
            // redb trusts a file that was closed properly, and would panic if it has been damaged since.
            .set_check_integrity_on_open(!mark.take())
            .set_repair_callback(move |_| {
                reads(measured.metadata().map_or(0, |metadata| metadata.len()));
            })
            .create(path)
            .map_err(redb::Error::from)?;
        let path = path.to_owned();
        // Reopening does not make a missing file: an empty one would sign everybody out.
        let mut store = Self::start(database, move || builder().open(&path))?;
        store.mark = Some(mark);
        Ok(store)
    }

    /// Whether the store holds no value, not even an expired one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_empty(&self) -> Result<bool, OpenError> {
        Ok(self.file.read(|values| Ok(values.is_empty()?))?)
    }

    fn start(
        database: Database,
        open: impl Fn() -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let last_commit = prepare(&database)?;
        let file = Arc::new(DatabaseFile::new(database, open)?);
        // One clock for as long as the server runs: reopening the file does not touch it.
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
            mark: None,
        })
    }
}

impl From<redb::Error> for OpenError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Self::InUse,
            // These two kinds are how redb reports that a file is not a database, or ends too soon.
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
            // The writer ends with its queue. If it panicked, there is nothing left to close.
            let _ = writer.join();
        }
        if self.file.close()
            && let Some(mark) = &self.mark
        {
            mark.leave();
        }
    }
}

impl Store for RedbStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        // Read on this thread: from redb's cache or the system's a read takes a microsecond or two, and handing it to
        // another thread and back takes many times that.
        let now = self.now();
        let value = self.file.read(|values| alive(values, user, now));
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

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed(Box::new(error))
}

/// The writer ended early, which happens only if it panics.
fn gone() -> StoreError {
    StoreError::Failed("the thread that writes is gone".into())
}
