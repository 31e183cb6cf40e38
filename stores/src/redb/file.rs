//! The database in its file: open, or closed after a failure until it can be opened again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::{Database, DatabaseError};

/// A database that can be reopened. After one failed read or write, on a full disk for instance, redb refuses
/// everything that follows, even once the disk has recovered.
pub(super) struct DatabaseFile {
    /// Lent under the lock, so that nobody still uses it when it is closed.
    database: RwLock<Option<Database>>,
    failed: AtomicBool,
    open: Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>,
}

impl DatabaseFile {
    /// Holds this database; `open` reopens it.
    pub(super) fn new(
        database: Database,
        open: impl Fn() -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            database: RwLock::new(Some(database)),
            failed: AtomicBool::new(false),
            open: Box::new(open),
        }
    }

    /// Works with the database. Fails while it is closed.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let database = self.lend();
        let outcome = work(database.as_ref().ok_or(redb::Error::DatabaseClosed)?);
        if outcome.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// Whether the database should be reopened.
    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Closes the database and opens it again. That may take long, because redb then checks the whole file. Until it
    /// succeeds the database is closed.
    pub(super) fn reopen(&self) -> Result<(), DatabaseError> {
        // Closed first, because it holds the lock on the file.
        let closing = self.replace().take();
        drop(closing);
        let database = (self.open)()?;
        let mut place = self.replace();
        *place = Some(database);
        self.failed.store(false, Ordering::Relaxed);
        Ok(())
    }

    // Nothing panics while it replaces the database, so even a poisoned lock guards a sound database.

    fn lend(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self) -> RwLockWriteGuard<'_, Option<Database>> {
        self.database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
