//! Bundles the shim into the one script that mini programs load.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::module::Module;
use crate::process::succeed;
use crate::project::Project;

/// Bundles the shim, then checks that the bundle uses nothing that WeChat lacks.
pub(super) fn build(project: &Project, scratch: &Path, module: &Module) -> Result<PathBuf> {
    let bundle = scratch.join("index.js");
    succeed(
        project,
        "bundle",
        project.script("bundle.mjs").arg(&module.names).arg(&bundle),
    )?;
    succeed(
        project,
        "check-bundle",
        project.script("check-bundle.mjs").arg(&bundle),
    )
    .context("the bundle is not what WeChat runs everywhere")?;
    Ok(bundle)
}
