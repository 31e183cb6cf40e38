//! The server's program, with what every package of it says.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::bill::Bill;
use super::crates::Graph;
use super::moment::Moment;
use super::notices;
use crate::process::{answer, succeed};
use crate::progress::step;
use crate::project::Project;

pub(super) const PROGRAM: &str = "wxsession-server";
pub(super) const CRATE: &str = "wxsession-service";

/// A program that can be packed.
pub(crate) struct Server {
    /// Without symbols, which are most of an unoptimized program.
    pub(super) program: PathBuf,
    /// The folder that the program is in.
    _scratch: TempDir,
    pub(super) version: String,
    /// Everything in a package is as old as the commit, so that two builds give the same bytes.
    pub(super) moment: Moment,
    /// Debian's name of this machine's architecture, for which the program is.
    pub(super) architecture: String,
    pub(super) bill: Bill,
    /// The licences of what others have written of it.
    pub(super) notices: String,
}

impl Server {
    /// Packs this program.
    ///
    /// # Errors
    /// This is not Debian, nor a system made from it; or the program cannot be read.
    pub(crate) fn of(project: &Project, built: &Path) -> Result<Self> {
        let Some(architecture) = debian_architecture(project) else {
            bail!(
                "the Debian package and the image are made on Debian or a system made from it, with \
                 that system's libraries: there is no dpkg here"
            );
        };
        let scratch = tempfile::tempdir_in(project.target(""))?;
        let program = scratch.path().join(PROGRAM);
        let mut strip = project.command("strip");
        // As debhelper's own step does it.
        strip.args([
            "--strip-unneeded",
            "--remove-section=.comment",
            "--remove-section=.note",
        ]);
        strip.arg("-o").arg(&program);
        step("the program without symbols: strip", || {
            succeed(project, "release-strip", strip.arg(built)).map(drop)
        })?;
        let moment = Moment::of(project)?;
        let graph = Graph::of(project, CRATE)?;
        Ok(Self {
            notices: notices::of(project, &graph)?,
            bill: Bill::of(project, &program, graph, &moment)?,
            program,
            _scratch: scratch,
            version: project.locked_version(CRATE)?,
            moment,
            architecture,
        })
    }
}

/// Debian's name of this machine's architecture, on Debian and systems made from it.
pub(super) fn debian_architecture(project: &Project) -> Option<String> {
    answer(project.command("dpkg").arg("--print-architecture"))
}

/// The compiler's name for this kind of machine.
pub(super) fn host(project: &Project) -> Result<String> {
    answer(project.command("rustc").args(["--print", "host-tuple"]))
        .context("asking rustc which machine this is")
}

/// Builds the server for this machine, optimized.
pub(super) fn build(project: &Project) -> Result<PathBuf> {
    let mut build = project.command("cargo");
    build.args(["build", "--release", "--locked", "--package", CRATE]);
    step("the server: cargo build --release", || {
        succeed(project, "release-server", &mut build).map(drop)
    })?;
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target("release").join(name))
}

/// Copies a file of the project or of this machine to a place whose folders need not exist.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}
