//! `cargo xtask site`: builds the documents as a website, in `target/site`.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::process::succeed;
use crate::project::Project;
use crate::setup::Need;

/// What building takes.
pub(crate) const NEEDS: &[Need] = &[Need::Packages("site")];

/// Builds the site for a host that has it at the path `base`. Returns its folder.
///
/// `repository` is the address below which files that are no pages can be seen; without it, links to them become text.
///
/// # Errors
/// The path is not one, or a page cannot be built; a link that leads nowhere is such an error.
pub(crate) fn build(project: &Project, base: &str, repository: Option<&str>) -> Result<PathBuf> {
    ensure!(
        base.starts_with('/') && base.ends_with('/'),
        "--base {base}: must start and end with a slash, like /wxsession/"
    );
    let mut command = project.command("node");
    command
        .arg("site/build.mjs")
        .env("SITE_BASE", base)
        .env_remove("SITE_REPOSITORY");
    if let Some(repository) = repository {
        command.env("SITE_REPOSITORY", repository.trim_end_matches('/'));
    }
    succeed(project, "site", &mut command)?;
    Ok(project.target("site"))
}
