//! Tests of the built package: its size, and whether the build is reproducible.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::report::Report;
use super::stage::Stage;
use crate::package::{self, Package, SHIPPED_FOLDER, size, sums};
use crate::project::Project;

/// Build results, and folders that are too large to copy without need.
const LEFT_BEHIND: [&str; 6] = [".git", "target", "node_modules", "pkg", "dist", "corpus"];

/// Tests the package.
pub(super) fn run(stage: &Stage<'_>, report: &Report<'_>) {
    let project = stage.project;
    let Some(package) = report.attempt("built", || stage.package()) else {
        return;
    };
    report.test("size", || {
        size::within_budget(project, &package.folder).map(drop)
    });
    report.test("size of the scripts beside it", || {
        size::beside_within_budget(project, &package.folder)
    });
    report.test("the same module from another folder", || {
        is_made_again(project, package)
    });
}

/// Builds the module again from a copy of the sources. The package must have the same module.
fn is_made_again(project: &Project, package: &Package) -> Result<()> {
    let elsewhere = tempfile::tempdir()?;
    let copy = project.copied_to(elsewhere.path().join("a copy"));
    copy_folder(project.root(), copy.root())?;
    // The only npm package that building the module needs.
    let optimizer = "node_modules/binaryen";
    copy_folder(&project.path(optimizer), &copy.path(optimizer))?;
    let again = package::build_module(&copy)?;
    let shipped = package
        .folder
        .join(SHIPPED_FOLDER)
        .join("wxsession.wasm.br");
    let (here, there) = (sums::sum(&shipped)?, sums::sum(&again)?);
    ensure!(
        here == there,
        "the module is {here}, and from a copy of the sources {there}"
    );
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if LEFT_BEHIND.iter().any(|left| name == *left) {
            continue;
        }
        let to = to.join(name);
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            fs::copy(&path, &to).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}
