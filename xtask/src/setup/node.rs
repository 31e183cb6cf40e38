//! Node.js itself, and the packages that `package-lock.json` names.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::Project;

/// The oldest Node.js that the tools in `package.json` run on.
const OLDEST_NODE: u32 = 20;

/// Makes sure that there is a Node.js that is new enough.
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

/// Installs the npm packages, unless those of this very lock file are there.
pub(super) fn provide_packages(project: &Project) -> Result<()> {
    let lock = fs::read(project.path("package-lock.json")).context("reading package-lock.json")?;
    // Kept inside node_modules, so that whoever deletes the packages deletes this with them.
    let stamp = project.path("node_modules/.installed-package-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        ready("npm packages");
        return Ok(());
    }
    step("npm packages: npm ci", || {
        succeed(
            project,
            "npm-ci",
            project
                .command("npm")
                .args(["ci", "--no-audit", "--no-fund"]),
        )
        .context(
            "npm ci failed; check that the npm registry can be reached, then run this again",
        )?;
        Ok(fs::write(&stamp, &lock)?)
    })
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
