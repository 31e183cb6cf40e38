//! `cargo xtask release`: everything that a release consists of, in the folder `dist/`.
//!
//! The npm tarballs there are committed, so that a mini program can be set up and install the package from a copy of this
//! project by npm alone. The rest is made for the machine that the command runs on, and is not committed. The Debian package
//! and the OCI image are made on Debian or a system made from it, by root or anyone else.

mod archive;
mod bill;
mod crates;
pub(crate) mod debian;
pub(crate) mod image;
mod moment;
mod notes;
mod notices;
mod program;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

use self::program::Server;
use crate::package::{self, Package, sums};
use crate::progress::heading;
use crate::project::Project;
use crate::setup;

const FOLDER: &str = "dist";

/// A part of a release that can be made alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The server as a Debian package.
    Debian,
    /// The server as an OCI image, in a folder.
    Image,
}

/// How packages are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As small as they become, which takes a minute of a processor.
    Small,
    /// Quickly, for tests.
    Quick,
    /// The same by a user without rights, even if root runs this.
    QuickWithoutRoot,
}

/// Writes the npm tarballs, the server with its unit file, alone and as packages, the notes and the sums of all of them.
///
/// # Errors
/// A build fails, or the changelog has no section for this version.
pub(crate) fn run(project: &Project) -> Result<()> {
    let is_debian = program::debian_architecture(project).is_some();
    let needs = if is_debian { debian::NEEDS } else { &[] };
    setup::provide(project, &[setup::FOR_PACKAGE, needs].concat())?;
    let package = package::build(project)?;
    let folder = project.path(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    let mut files = keep(project, &package)?;

    heading("Release");
    let built = program::build(project)?;
    files.extend(server_files(project, &built, &folder, Manner::Small)?);
    let notes = folder.join("NOTES.md");
    fs::write(&notes, notes::of(project)?)?;
    files.push(notes);
    sums::write(&folder.join("SHA256SUMS"), &folder, &files)?;
    println!("  {} is ready", folder.display());
    Ok(())
}

/// Writes one part beside what is in the folder already.
///
/// # Errors
/// A build fails, or this is not Debian.
pub(crate) fn run_part(project: &Project, part: Part) -> Result<()> {
    if part == Part::Debian {
        setup::provide(project, debian::NEEDS)?;
    }
    heading("Release");
    let server = Server::of(project, &program::build(project)?)?;
    let folder = project.path(FOLDER);
    let made = match part {
        Part::Debian => debian::build(project, &server, &folder, Manner::Small)?,
        Part::Image => image::build(project, &server, &folder)?,
    };
    println!("  {} is ready", made.display());
    Ok(())
}

/// Packs this program: in an archive, and on Debian also as a package and as an image. Returns the files by which all of them
/// can be verified.
///
/// # Errors
/// As for the packages themselves.
pub(crate) fn server_files(
    project: &Project,
    built: &Path,
    folder: &Path,
    manner: Manner,
) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let archive = server::archive(project, built, folder)?;
    if program::debian_architecture(project).is_none() {
        println!("  left out: the Debian package and the OCI image, which are made on Debian");
        return Ok(vec![archive]);
    }
    let server = Server::of(project, built)?;
    let package = debian::build(project, &server, folder, manner)?;
    let image = image::build(project, &server, folder)?;
    // The index has the sum of everything else in the image.
    Ok(vec![archive, package, image.join("index.json")])
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
