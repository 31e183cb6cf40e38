//! The server for this machine, with the files that its installation needs.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{answer, succeed};
use crate::progress::step;
use crate::project::Project;

const PROGRAM: &str = "wxsession-server";
const CRATE: &str = "wxsession-service";

/// The files in the archive besides the program.
const BESIDE: [&str; 3] = [
    "service/deploy/wxsession-server.service",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Builds the server and packs it in a folder with the archive's name. Returns the archive.
pub(super) fn archive(project: &Project, dist: &Path) -> Result<PathBuf> {
    let mut build = project.command("cargo");
    build.args(["build", "--release", "--locked", "--package", CRATE]);
    step("the server: cargo build --release", || {
        succeed(project, "release-server", &mut build)
    })?;

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
    fs::create_dir_all(&folder)?;
    let program = format!("{PROGRAM}{EXE_SUFFIX}");
    let built = project.target("release").join(&program);
    fs::copy(&built, folder.join(program))
        .with_context(|| format!("copying {}", built.display()))?;
    for file in BESIDE {
        let file = project.path(file);
        let name = file.file_name().context("a path of a file")?;
        fs::copy(&file, folder.join(name))
            .with_context(|| format!("copying {}", file.display()))?;
    }

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

/// The compiler's name for this kind of machine.
fn host(project: &Project) -> Result<String> {
    answer(project.command("rustc").args(["--print", "host-tuple"]))
        .context("asking rustc which machine this is")
}
