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

/// Whether anybody but its owner has any right to the file at this path.
///
/// # Errors
/// The system does not allow it.
pub fn is_exposed(path: &Path, file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // systemd keeps credentials in a folder that only the service can enter, and lets the service's user read
        // them by an access control list, whose mask appears in place of the group's rights.
        let folder = std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default();
        let is_credential = !folder.is_empty() && path.parent() == Some(Path::new(&folder));
        let others = if is_credential { 0o037 } else { 0o077 };
        Ok(file.metadata()?.permissions().mode() & others != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = (path, file);
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
