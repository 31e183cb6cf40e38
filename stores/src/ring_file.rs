//! The key ring in a file that only its owner can read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use wxsession_server::ring::{KeyRing, RingError};

use crate::permissions;

/// Why there is no key ring. Names the line, never shows its content.
#[derive(Debug, thiserror::Error)]
pub enum RingFileError {
    /// The file cannot be read or written.
    #[error("the key ring cannot be read or written; check the owner and the disk, or restore it")]
    File(#[source] io::Error),
    /// There is no file.
    #[error(
        "the key ring is missing, and no session is known without it; restore it, or remove \
         sessions.redb to start over, which signs everybody out and deletes all accounts"
    )]
    Missing,
    /// Others than its owner have rights to the file.
    #[error(
        "the key ring is open to other users of this machine; run `chmod 600 {}`, and if one of \
         them may have read it, remove it and sessions.redb to start over, which deletes all accounts",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else, or there are no random bytes for a new key.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// Reads the ring in a file.
///
/// # Errors
/// The file is missing, exposed to others, or holds something else.
pub fn open_ring(path: &Path) -> Result<KeyRing, RingFileError> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => RingFileError::Missing,
        _ => RingFileError::File(error),
    })?;
    if permissions::is_exposed(&file).map_err(RingFileError::File)? {
        let path = path.to_owned();
        return Err(RingFileError::Exposed { path });
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text)
        .map_err(RingFileError::File)?;
    Ok(KeyRing::parse(&text)?)
}

/// Makes a ring of one new key, in a file that only its owner can read.
///
/// # Errors
/// The file cannot be written, or the operating system gives no random bytes.
pub fn make_ring(path: &Path) -> Result<KeyRing, RingFileError> {
    let ring = KeyRing::generate()?;
    write(&ring, path).map_err(RingFileError::File)?;
    Ok(ring)
}

/// The file appears whole or not at all: a crash must not leave half a key behind.
fn write(ring: &KeyRing, path: &Path) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut file = permissions::create_file(&unfinished)?;
    file.write_all(ring.reveal().as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // Until the folder is written too, a crash can lose the file's name.
    permissions::sync_folder_of(path)
}

#[cfg(test)]
mod tests {
    use super::{RingFileError, make_ring, open_ring};

    #[test]
    fn a_ring_made_on_the_first_start_is_read_on_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        assert!(matches!(open_ring(&path), Err(RingFileError::Missing)));
        let made = make_ring(&path).unwrap();
        let read = open_ring(&path).unwrap();
        assert_eq!(*made.reveal(), *read.reveal());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        make_ring(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_have_rights_to_is_refused_and_the_remedy_named() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        make_ring(&path).unwrap();
        for mode in [0o604, 0o620, 0o644, 0o660] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = open_ring(&path).unwrap_err().to_string();
            let remedy = format!("chmod 600 {}", path.display());
            assert!(error.contains(&remedy), "{mode:o}: {error}");
        }
        for mode in [0o600, 0o400] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(open_ring(&path).is_ok(), "{mode:o}");
        }
    }
}
