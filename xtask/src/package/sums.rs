//! SHA-256 sums of files, in the format of `sha256sum --check`.

use std::fmt::Write as _;
use std::fs;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Writes and prints the sums of these files. Paths are relative to the folder in which `sha256sum --check` runs.
pub(crate) fn write(sums: &Path, folder: &Path, files: &[PathBuf]) -> Result<()> {
    let mut lines = String::new();
    for file in files {
        let path = file.strip_prefix(folder)?.to_string_lossy();
        // With `/` on Windows, too.
        let path = path.replace(MAIN_SEPARATOR, "/");
        writeln!(lines, "{}  {path}", sum(file)?)?;
    }
    for line in lines.lines() {
        println!("  {line}");
    }
    fs::write(sums, lines).with_context(|| format!("writing {}", sums.display()))
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn sum(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(of(&bytes))
}

/// The SHA-256 of these bytes, in hexadecimal.
pub(crate) fn of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
