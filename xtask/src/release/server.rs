//! The server for this machine, with the files that its installation needs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::archive::{Archive, compressed};
use super::crates::Graph;
use super::program::{CRATE, PROGRAM, host};
use super::{moment, notices};
use crate::progress::step;
use crate::project::Project;

/// The files in the archive besides the program.
const BESIDE: [&str; 4] = [
    "service/deploy/wxsession-server.service",
    "service/deploy/wxsession.toml",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Packs the program in a folder with the archive's name. Returns the archive.
pub(super) fn archive(project: &Project, built: &Path, dist: &Path) -> Result<PathBuf> {
    let version = project.locked_version(CRATE)?;
    let name = format!("{PROGRAM}-{version}-{}", host(project)?);
    let archive = dist.join(format!("{name}.tar.gz"));
    step("the server's archive", || {
        let mut files = Archive::default();
        copy(&mut files, &name, 0o755, built)?;
        for file in BESIDE {
            copy(&mut files, &name, 0o644, &project.path(file))?;
        }
        let notices = notices::of(project, &Graph::of(project, CRATE)?)?;
        files.add(&format!("{name}/{}", notices::FILE), 0o644, notices);
        let bytes = compressed(&files.bytes(moment::unix_seconds(project)?)?)?;
        fs::write(&archive, bytes).with_context(|| format!("writing {}", archive.display()))
    })?;
    Ok(archive)
}

fn copy(files: &mut Archive, folder: &str, mode: u32, from: &Path) -> Result<()> {
    let name = from.file_name().context("a path of a file")?;
    files.copy(&format!("{folder}/{}", name.display()), mode, from)
}
