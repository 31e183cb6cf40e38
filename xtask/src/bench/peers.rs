//! What others made and npm has, installed beside the scripts that measure it; nothing else needs it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::succeed;
use crate::progress::{ready, step};
use crate::project::Project;

/// The packages in a folder, of the versions in its own lock file.
pub(super) struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// Installs them, unless those of this very lock file are there.
    ///
    /// # Errors
    /// npm fails.
    pub(super) fn provide(project: &Project, folder: &str, what: &str) -> Result<Self> {
        let folder = project.path(folder);
        let lock = fs::read(folder.join("package-lock.json")).context("reading the peers' lock")?;
        let stamp = folder.join("node_modules/.installed-package-lock.json");
        if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            ready(what);
        } else {
            step(&format!("{what}: npm ci"), || {
                // None of them is asked to build anything: scripts are all that is measured.
                let mut install = project.command("npm");
                install
                    .args(["ci", "--ignore-scripts"])
                    .current_dir(&folder);
                succeed(project, "npm-ci-peers", &mut install).context(
                    "npm ci failed; check that the npm registry can be reached, then run this again",
                )?;
                Ok(fs::write(&stamp, &lock)?)
            })?;
        }
        Ok(Self { folder })
    }

    /// The version of a package that is installed.
    ///
    /// # Errors
    /// It is not there.
    pub(super) fn version(&self, package: &str) -> Result<String> {
        let manifest = self
            .folder
            .join("node_modules")
            .join(package)
            .join("package.json");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("reading {}", manifest.display()))?;
        let manifest: Value = serde_json::from_str(&text)?;
        let version = manifest["version"].as_str();
        Ok(version.context("a package without a version")?.to_owned())
    }
}
