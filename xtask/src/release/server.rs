//! The server for this machine, with the files that its installation needs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::crates::Graph;
use super::notices;
use super::program::{CRATE, PROGRAM, copy, host};
use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;

/// The files in the archive besides the program.
const BESIDE: [&str; 3] = [
    "service/deploy/wxsession-server.service",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Packs the program in a folder with the archive's name. Returns the archive.
pub(super) fn archive(project: &Project, built: &Path, dist: &Path) -> Result<PathBuf> {
    let name = format!(
        "{PROGRAM}-{}-{}",
        project.locked_version(CRATE)?,
        host(project)?
    );
    let scratch = project.target("release-archive");
    let folder = scratch.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let files = BESIDE.map(|file| project.path(file));
    for file in files.iter().map(PathBuf::as_path).chain([built]) {
        let name = file.file_name().context("a path of a file")?;
        copy(file, &folder.join(name))?;
    }
    let notices = notices::of(project, &Graph::of(project, CRATE)?)?;
    fs::write(folder.join(notices::FILE), notices)?;

    let archive = dist.join(format!("{name}.tar.gz"));
    let mut pack = project.command("tar");
    pack.arg("--create")
        .arg("--gzip")
        .arg("--file")
        .arg(&archive);
    pack.arg("--directory").arg(&scratch).arg(&name);
    step("the server's archive: tar", || {
        succeed(project, "release-tar", &mut pack)
    })?;
    Ok(archive)
}
