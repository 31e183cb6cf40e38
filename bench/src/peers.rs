//! Other projects' packages from npm, which only the benches need.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::project::Project;
use xtask::setup::{self, Need};

/// The packages in a folder, of the versions in its own lock file.
pub(super) struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// Installs the packages, unless they are there.
    ///
    /// # Errors
    /// npm fails.
    pub(super) fn provide(project: &Project, folder: &'static str) -> Result<Self> {
        setup::provide(project, &[Need::Packages(folder)])?;
        Ok(Self {
            folder: project.path(folder),
        })
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
