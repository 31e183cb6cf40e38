//! What is shipped, by its SHA-256, as `sha256sum --check` takes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::SHIPPED_FOLDER;

/// The file in the package, beside what it is about.
const FILE: &str = "SHA256SUMS";

/// Writes the sums of all files that a mini program takes, and prints them.
pub(super) fn write(folder: &Path) -> Result<()> {
    let shipped = folder.join(SHIPPED_FOLDER);
    let entries = fs::read_dir(&shipped)?.collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<_> = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut sums = String::new();
    for name in names {
        let _ = writeln!(
            sums,
            "{}  {SHIPPED_FOLDER}/{name}",
            sum(&shipped.join(&name))?
        );
    }
    for line in sums.lines() {
        println!("  {line}");
    }
    let file = folder.join(FILE);
    fs::write(&file, sums).with_context(|| format!("writing {}", file.display()))
}

/// A file's SHA-256, in hexadecimal digits.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn sum(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        }))
}
