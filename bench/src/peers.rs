//! Other projects' packages from npm, which only the benches need.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::project::Project;

/// The packages in a folder with a lock file of its own.
pub(super) struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// The packages that the set-up has installed in a folder of the project.
    pub(super) fn of(project: &Project, folder: &str) -> Self {
        Self {
            folder: project.path(folder),
        }
    }

    /// The installed version of a package.
    ///
    /// # Errors
    /// The package is not installed.
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
