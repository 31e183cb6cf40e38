//! Who takes part in a run: the libraries, ours also with promises, as plain script and with signatures, and, if one was named, an earlier build of ours.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use xtask::miniprogram;
use xtask::process::succeed;
use xtask::project::Project;

use super::library::{self, OURS};

/// Our package as it was in an earlier build.
pub(super) const EARLIER: &str = "wxsession-earlier";

/// A library in the mini program that it runs in.
pub(super) struct Candidate<'a> {
    /// The name in the figures.
    pub(super) name: &'static str,
    /// The set-up in the program's `libraries/`.
    pub(super) library: &'static str,
    /// The mini program's folder.
    pub(super) program: &'a Path,
    /// Whether a session survives a restart.
    pub(super) keeps_session: bool,
}

/// All candidates. `earlier` is the mini program with the earlier build.
pub(super) fn all<'a>(program: &'a Path, earlier: Option<&'a Path>) -> Vec<Candidate<'a>> {
    let libraries = library::ALL.iter().map(|library| Candidate {
        name: library.name,
        library: library.name,
        program,
        keeps_session: library.keeps_session,
    });
    let otherwise = [library::AWAITED, library::PLAIN, library::SIGNED].map(|name| Candidate {
        name,
        library: name,
        program,
        keeps_session: name == library::PLAIN,
    });
    let earlier = earlier.map(|program| Candidate {
        name: EARLIER,
        library: OURS,
        program,
        keeps_session: true,
    });
    libraries.chain(otherwise).chain(earlier).collect()
}

/// Installs an earlier build in a mini program of its own, with the set-ups of `program`.
///
/// # Errors
/// The tarball cannot be unpacked, or holds no package of ours.
pub(super) fn install(project: &Project, tarball: &Path, program: &Path) -> Result<PathBuf> {
    let earlier = miniprogram::install(project, tarball, "bench-earlier")?;
    let libraries = earlier.join("libraries");
    fs::create_dir_all(&libraries)?;
    for set_up in ["bare.js", "wxsession.js"] {
        fs::copy(
            program.join("libraries").join(set_up),
            libraries.join(set_up),
        )?;
    }
    // JavaScriptCore's shell cannot decompress the shipped module.
    let mut unpack = project.command("node");
    unpack.arg("bench/scripts/unpack.mjs");
    unpack.arg(miniprogram::package_in(&earlier).join("wxsession.wasm.br"));
    succeed(project, "unpack", &mut unpack)?;
    Ok(earlier)
}
