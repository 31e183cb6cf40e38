//! The crates that others build on, as a registry would have them.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::report::Report;
use super::stage::Stage;
use crate::process::{answer, succeed};
use crate::project::Project;

/// What a crate consists of: its sources, what a reader needs, and what cargo adds.
const MEANT: [&str; 10] = [
    "src/",
    "examples/",
    "openapi/",
    "deploy/",
    "README.md",
    "LICENSE-",
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    ".cargo_vcs_info.json",
];

/// Packs every crate that is to be published, and looks at what is in it.
pub(super) fn run(stage: &Stage<'_>, report: &Report<'_>) {
    let project = stage.project;
    let Some(crates) = report.attempt("crates", || published(project)) else {
        return;
    };
    report.test("the crates can be packed", || {
        let mut pack = package(project);
        pack.arg("--no-verify");
        for name in &crates {
            pack.args(["--package", name]);
        }
        succeed(project, "cargo-package", &mut pack).map(drop)
    });
    for name in &crates {
        report.test(&format!("what is in the crate {name}"), || {
            holds_what_is_meant(project, name)
        });
    }
}

/// The names of the workspace's crates that may be published.
fn published(project: &Project) -> Result<Vec<String>> {
    let mut metadata = project.command("cargo");
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = answer(&mut metadata).context("cargo metadata failed")?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    // `publish = false` is an empty list of registries.
    let published = packages
        .iter()
        .filter(|package| package["publish"].is_null());
    let names = published.filter_map(|package| package["name"].as_str().map(str::to_owned));
    let names: Vec<_> = names.collect();
    ensure!(!names.is_empty(), "no crate may be published");
    Ok(names)
}

fn holds_what_is_meant(project: &Project, name: &str) -> Result<()> {
    let mut list = package(project);
    list.args(["--list", "--package", name]);
    let files = answer(&mut list).context("cargo package --list failed")?;
    let strange: Vec<_> = files
        .lines()
        .map(|file| file.replace('\\', "/"))
        .filter(|file| !MEANT.iter().any(|meant| file.starts_with(meant)))
        .collect();
    ensure!(
        strange.is_empty(),
        "the crate {name} would ship {strange:?}: see `include` in its Cargo.toml"
    );
    Ok(())
}

/// The changes of a working copy are none of a crate's files, so they need not be committed.
fn package(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command.args(["package", "--allow-dirty"]);
    command
}
