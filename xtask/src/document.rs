//! `cargo xtask document`: makes the document of the API from the package's declarations.

use std::fs;

use anyhow::{Result, ensure};

use crate::process::succeed;
use crate::project::Project;

const FILE: &str = "js/docs/api.md";

/// Writes the document.
///
/// # Errors
/// The declarations cannot be read, or the document cannot be written.
pub(crate) fn write(project: &Project) -> Result<()> {
    Ok(fs::write(project.path(FILE), made(project)?)?)
}

/// Checks that the document is what the declarations make it.
///
/// # Errors
/// The document is out of date, or the declarations cannot be read.
pub(crate) fn is_up_to_date(project: &Project) -> Result<()> {
    ensure!(
        fs::read_to_string(project.path(FILE))? == made(project)?,
        "{FILE} is not what js/index.d.ts makes it: run `cargo xtask document`"
    );
    Ok(())
}

fn made(project: &Project) -> Result<String> {
    let document = project.target("api.md");
    let mut command = project.command("node");
    command.arg("xtask/node/api-document.mjs").arg(&document);
    succeed(project, "api-document", &mut command)?;
    Ok(fs::read_to_string(&document)?)
}
