//! Files and folders that only their owner can read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file for its owner alone. Fails if the file exists.
///
/// # Errors
/// The system does not allow it.
pub fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder for its owner alone, with the folders above it, where missing.
///
/// # Errors
/// The system does not allow it.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether other users of this machine can read or change the file.
///
/// Its owner may do anything. A file of root's may also be readable by its group: that is how root hands a secret to a
/// service, as systemd does with credentials, Kubernetes with `fsGroup` and Debian with the group `ssl-cert`. PostgreSQL
/// has the same rule for its private key.
///
/// # Errors
/// The system does not allow it.
pub fn is_exposed(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = file.metadata()?;
        Ok(lets_others_in(metadata.uid(), metadata.mode()))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(false)
    }
}

/// Makes the names in the folder of this file durable.
///
/// # Errors
/// The system does not allow it.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    // On other systems a folder cannot be opened like a file.
    #[cfg(unix)]
    {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// Whether a file of this owner with this mode is exposed.
#[cfg(unix)]
fn lets_others_in(owner: u32, mode: u32) -> bool {
    const ROOT: u32 = 0;
    let rights_of_others = if owner == ROOT { 0o037 } else { 0o077 };
    mode & rights_of_others != 0
}

#[cfg(all(test, unix))]
mod tests {
    use super::lets_others_in;

    #[test]
    fn a_file_is_its_owners_alone_and_one_of_roots_may_be_read_by_its_group() {
        let ours = |mode: u32| lets_others_in(1000, 0o100_000 | mode);
        let roots = |mode: u32| lets_others_in(0, 0o100_000 | mode);
        for mode in [0o400, 0o600, 0o700] {
            assert!(!ours(mode) && !roots(mode), "{mode:o}");
        }
        for mode in [0o440, 0o640] {
            assert!(ours(mode) && !roots(mode), "{mode:o}");
        }
        for mode in [0o444, 0o604, 0o620, 0o602, 0o601, 0o610, 0o644, 0o660] {
            assert!(ours(mode) && roots(mode), "{mode:o}");
        }
    }
}
