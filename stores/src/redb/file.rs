//! The database in its file: open, or closed after a failure until it can be opened again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::{Database, DatabaseError};

use super::tables::{Values, values};

/// A database that can be reopened. After one failed read or write, on a full disk for instance, redb refuses
/// everything that follows, even once the disk has recovered.
pub(super) struct DatabaseFile {
    /// Lent under the lock, so that nobody still uses it when it is closed.
    database: RwLock<Option<Database>>,
    /// The values as of the last commit. Opening them for each read takes three times as long as the read.
    values: RwLock<Option<Values>>,
    failed: AtomicBool,
    open: Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>,
}

impl DatabaseFile {
    /// Holds this database; `open` reopens it.
    pub(super) fn new(
        database: Database,
        open: impl Fn() -> Result<Database, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self, redb::Error> {
        let values = values(&database)?;
        Ok(Self {
            database: RwLock::new(Some(database)),
            values: RwLock::new(Some(values)),
            failed: AtomicBool::new(false),
            open: Box::new(open),
        })
    }

    /// Reads the values as of the last commit that was published. Fails while the database is closed.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Values) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        self.noted(work(values.as_ref().ok_or(redb::Error::DatabaseClosed)?))
    }

    /// Works with the database and publishes what it has committed, so that whoever is told of a commit can read it.
    pub(super) fn commit<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let (outcome, values) = self.with(|database| Ok((work(database)?, values(database)?)))?;
        self.publish(Some(values));
        Ok(outcome)
    }

    /// Works with the database. Fails while it is closed.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let database = self.lend();
        self.noted(work(database.as_ref().ok_or(redb::Error::DatabaseClosed)?))
    }

    /// Whether the database should be reopened.
    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Closes the database and opens it again. That may take long, because redb then checks the whole file. Until it
    /// succeeds the database is closed.
    pub(super) fn reopen(&self) -> Result<(), DatabaseError> {
        // Closed first, because they hold the lock on the file.
        self.publish(None);
        let closing = self.replace().take();
        drop(closing);
        let database = (self.open)()?;
        // What cannot be read by now is reopened again.
        let values = values(&database).ok();
        self.failed.store(values.is_none(), Ordering::Relaxed);
        self.publish(values);
        *self.replace() = Some(database);
        Ok(())
    }

    /// Closes the database for good. Returns whether that went well, so that the next opening can load what was closed.
    pub(super) fn close(&self) -> bool {
        self.publish(None);
        let closing = self.replace().take();
        closing.is_some_and(|database| database.close().is_ok())
    }

    /// Notes a failure, after which the file is reopened.
    fn noted<T>(&self, outcome: Result<T, redb::Error>) -> Result<T, redb::Error> {
        if outcome.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        outcome
    }

    fn publish(&self, values: Option<Values>) {
        let mut place = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, values);
        drop(place);
        // Readers do not wait until the last table is closed.
        drop(before);
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
