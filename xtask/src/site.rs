//! `cargo xtask site`: builds the documents as a website, in `target/site`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::process::{build_program, succeed};
use crate::progress::step;
use crate::project::Project;
use crate::setup::Need;

/// What building takes.
pub(crate) const NEEDS: &[Need] = &[Need::Packages("site")];

/// Whether the demonstration's page is a part of the site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demonstration {
    Recorded,
    LeftOut,
}

/// Builds the site for a host that has it at the path `base`. Returns its folder.
///
/// `repository` is the address below which files that are no pages can be seen; without it, links to them become text.
///
/// # Errors
/// The path is not one, or a page cannot be built; a link that leads nowhere is such an error.
pub(crate) fn build(
    project: &Project,
    base: &str,
    repository: Option<&str>,
    demonstration: Demonstration,
) -> Result<PathBuf> {
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
    let is_recorded = demonstration == Demonstration::Recorded;
    if is_recorded {
        command.env("SITE_DEMO", "yes");
    } else {
        command.env_remove("SITE_DEMO");
    }
    step("the documents: node site/build.mjs", || {
        succeed(project, "site", &mut command).map(drop)
    })?;
    let site = project.target("site");
    if is_recorded {
        record(project, &site.join("demo"))?;
    }
    Ok(site)
}

/// Plays the demonstration's scenes, and writes its page as files that replay them.
fn record(project: &Project, folder: &Path) -> Result<()> {
    let mut demo = project.command(build_program(project, "wxsession-demo")?);
    demo.arg("--static").arg(folder);
    step("the demonstration: its scenes are recorded", || {
        succeed(project, "site-demo", &mut demo).map(drop)
    })
}
