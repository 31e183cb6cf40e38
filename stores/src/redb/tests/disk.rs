//! A disk that can fail.

use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use redb::backends::FileBackend;
use redb::{BackendError, Database, DatabaseError, StorageBackend};

/// What is wrong with the disk.
#[derive(Debug)]
pub(super) struct Trouble {
    /// How many more writes there is room for.
    pub(super) room: AtomicUsize,
    pub(super) reads: AtomicBool,
    /// How many times opening the file was attempted.
    pub(super) openings: AtomicUsize,
    pub(super) opening: AtomicBool,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            room: AtomicUsize::new(usize::MAX),
            reads: AtomicBool::default(),
            openings: AtomicUsize::default(),
            opening: AtomicBool::default(),
        }
    }
}

/// A file on that disk.
#[derive(Debug)]
struct Troubled {
    file: FileBackend,
    trouble: Arc<Trouble>,
}

impl Troubled {
    fn writable(&self) -> io::Result<()> {
        let room = &self.trouble.room;
        room.fetch_update(Relaxed, Relaxed, |room| room.checked_sub(1))
            .map(drop)
            .map_err(|_| io::ErrorKind::StorageFull.into())
    }
}

impl StorageBackend for Troubled {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.trouble.reads.load(Relaxed) {
            return Err(io::Error::other("a bad sector"));
        }
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.writable()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.writable()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.writable()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    // With locks, a database that was not closed first cannot be reopened.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

/// Caches nothing, so that every read reaches the disk.
pub(super) fn open(path: &Path, trouble: &Arc<Trouble>) -> Result<Database, DatabaseError> {
    if trouble.opening.load(Relaxed) {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let file = FileBackend::new(file)?;
    let trouble = Arc::clone(trouble);
    Database::builder()
        .set_cache_size(0)
        .create_with_backend(Troubled { file, trouble })
}
