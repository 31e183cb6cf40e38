//! `cargo xtask release`: everything that a release consists of, in the folder `dist/`.
//!
//! The npm tarball there is committed, so that a mini program can install the package from a copy of this project by
//! npm alone. The rest is made for the machine that the command runs on, and is not committed.

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
    let tarball = keep(project, &package)?;

    heading("Release");
    let server = server::archive(project, &folder)?;
    let notes = folder.join("NOTES.md");
    fs::write(&notes, notes::of(project)?)?;
    sums::write(
        &folder.join("SHA256SUMS"),
        &folder,
        &[tarball, server, notes],
    )?;
    println!("  {} is ready", folder.display());
    Ok(())
}

/// Replaces the committed tarball.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn keep(project: &Project, package: &Package) -> Result<PathBuf> {
    let kept = kept(project)?;
    fs::create_dir_all(project.path(FOLDER))?;
    fs::copy(&package.tarball, &kept).with_context(|| format!("writing {}", kept.display()))?;
    Ok(kept)
}

/// The path of the committed tarball.
///
/// # Errors
/// `Cargo.lock` cannot be read.
pub(crate) fn kept(project: &Project) -> Result<PathBuf> {
    Ok(project.path(FOLDER).join(package::tarball_name(project)?))
}
