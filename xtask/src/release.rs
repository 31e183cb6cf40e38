//! `cargo xtask release`: everything that a release consists of, in the folder `dist/`.
//!
//! The npm tarballs there are committed, so that a mini program can be set up and install the package from a copy of this
//! project by npm alone. The rest is made for the machine that the command runs on, and is not committed.

mod notes;
mod server;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::package::{self, Package, sums};
use crate::progress::heading;
use crate::project::Project;
use crate::setup;

const FOLDER: &str = "dist";

/// Writes the npm tarball, the server with its unit file, the notes and the sums of all of them.
///
/// # Errors
/// A build fails, or the changelog has no section for this version.
pub(crate) fn run(project: &Project) -> Result<()> {
    setup::provide(project, setup::FOR_PACKAGE)?;
    let package = package::build(project)?;
    let folder = project.path(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    let mut files = keep(project, &package)?;

    heading("Release");
    let server = server::archive(project, &folder)?;
    let notes = folder.join("NOTES.md");
    fs::write(&notes, notes::of(project)?)?;
    files.extend([server, notes]);
    sums::write(&folder.join("SHA256SUMS"), &folder, &files)?;
    println!("  {} is ready", folder.display());
    Ok(())
}

/// Replaces the committed tarballs.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn keep(project: &Project, package: &Package) -> Result<Vec<PathBuf>> {
    let folder = project.path(FOLDER);
    fs::create_dir_all(&folder)?;
    [&package.tarball, &package.initialiser]
        .into_iter()
        .map(|tarball| {
            let kept = folder.join(tarball.file_name().unwrap_or_default());
            fs::copy(tarball, &kept).with_context(|| format!("writing {}", kept.display()))?;
            Ok(kept)
        })
        .collect()
}
