//! The folder of a server on one machine: the sessions, and the key ring that signs their ids.

use std::io;
use std::path::{Path, PathBuf};

use wxsession_server::ring::KeyRing;

use crate::permissions;
use crate::redb::{OpenError, RedbStore};
use crate::ring_file::{RingFileError, make_ring, open_ring};

/// The file of the key ring in a folder.
pub const RING_IN_FOLDER: &str = "keyring";

/// Why a folder cannot be used. The cause is the source.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder cannot be made.
    #[error("the folder {} cannot be made; name one that can", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The file of the sessions cannot be used.
    #[error("{}", .0.display())]
    Sessions(PathBuf, #[source] OpenError),
    /// The key ring cannot be used.
    #[error("{}", .0.display())]
    Ring(PathBuf, #[source] RingFileError),
}

/// Opens the store and the key ring in this folder. Makes what is missing, readable by its owner only.
///
/// A file of sessions that was not closed properly, or has been touched since, is read as a whole first. `reads` is told
/// how many bytes that are, perhaps more than once; by then it is certain that no other server uses the folder.
///
/// ```no_run
/// use wxsession_stores::open_folder;
///
/// # fn main() -> Result<(), wxsession_stores::FolderError> {
/// let (store, ring) = open_folder("wxsession-data".as_ref(), |bytes| {
///     println!("reads {bytes} bytes");
/// })?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The folder, the sessions or the ring cannot be used.
pub fn open_folder(
    folder: &Path,
    reads: impl Fn(u64) + 'static,
) -> Result<(RedbStore, KeyRing), FolderError> {
    permissions::create_folder(folder)
        .map_err(|error| FolderError::Folder(folder.to_owned(), error))?;
    let sessions = folder.join("sessions.redb");
    let unusable = |error| FolderError::Sessions(sessions.clone(), error);
    // The store first: its lock keeps a second server from making another ring at the same time.
    let store = RedbStore::open_telling(&sessions, reads).map_err(unusable)?;
    // Where there are sessions there was a ring, and a new ring would know none of them. Without sessions this is a
    // first start, perhaps after a start that was killed before it made the ring.
    let first_start = store.is_empty().map_err(unusable)?;
    let path = folder.join(RING_IN_FOLDER);
    let ring = match open_ring(&path) {
        Err(RingFileError::Missing) if first_start => make_ring(&path),
        opened => opened,
    };
    let ring = ring.map_err(|error| FolderError::Ring(path, error))?;
    Ok((store, ring))
}
