//! Node.js itself, and the packages of each `package-lock.json`.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{answer, succeed, yielding};
use crate::progress::{ready, step};
use crate::project::Project;

/// The oldest Node.js that runs the tools in `package.json`.
const OLDEST_NODE: u32 = 20;

/// Checks that Node.js is installed and new enough.
pub(super) fn check(project: &Project) -> Result<()> {
    let remedy = format!(
        "install Node.js {OLDEST_NODE} or newer with npm (https://nodejs.org, or your system's \
         packages), and run this again"
    );
    let Some(version) = answer(project.command("node").arg("--version")) else {
        bail!("node is not on the PATH: {remedy}");
    };
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("node on the PATH is {version}, which is too old: {remedy}");
    }
    if project.find_program("npm").is_none() {
        bail!("npm is not on the PATH: {remedy}");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs the npm packages of the lock file in a folder of the project, unless exactly these are installed.
pub(super) fn provide_packages(project: &Project, folder: &str) -> Result<()> {
    let path = project.path(folder);
    let lock = fs::read(path.join("package-lock.json"))
        .with_context(|| format!("reading {folder}/package-lock.json"))?;
    // Kept inside node_modules, so that deleting the packages deletes this note, too.
    let stamp = path.join("node_modules/.installed-package-lock.json");
    let name = match folder {
        "" => "npm packages".to_owned(),
        folder => format!("npm packages of {folder}"),
    };
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        ready(&name);
        return Ok(());
    }
    step(&format!("{name}: npm ci"), || {
        // Asking the registry about every package takes as long as the rest. What npm knows may be older than the lock file.
        let installed = install(project, folder, &["--prefer-offline"])
            .or_else(|_| install(project, folder, &[]));
        installed.context(
            "npm ci failed; check that the npm registry can be reached, then run this again",
        )?;
        Ok(fs::write(&stamp, &lock)?)
    })
}

/// Installs the packages of a folder's lock file.
fn install(project: &Project, folder: &str, more: &[&str]) -> Result<()> {
    let mut command = project.npm();
    command.current_dir(project.path(folder));
    command.args(["ci", "--no-audit", "--no-fund"]).args(more);
    let log = format!("npm-ci-{}", folder.replace('/', "-"));
    succeed(project, log.trim_end_matches('-'), &mut yielding(command)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_and_rubbish_is_none() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major("version"), None);
    }
}
