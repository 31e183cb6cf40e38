//! The npm package beside similar libraries.

mod attribution;
mod budgets;
mod candidate;
mod cost;
mod engine;
mod figures;
mod library;
mod parts;
mod size;
mod start;
mod storm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use xtask::miniprogram;
use xtask::package::{self, Package};
use xtask::progress::{heading, step};
use xtask::project::Project;
use xtask::setup::{self, Need};

use self::engine::Engine;
use self::figures::Figures;
use crate::circumstances::Circumstances;
use crate::effort::Effort;
use crate::peers::Peers;
use crate::report;

/// The libraries to compare with, and their set-ups.
const LIBRARIES: &str = "bench/libraries";

/// What the bench needs besides the package's needs.
const NEEDS: &[Need] = &[
    Need::Program("jsc"),
    Need::Packages(LIBRARIES),
    Need::Packages(report::FOLDER),
];

/// Measures the package and publishes the figures. `earlier` is the tarball of an earlier build, to compare with.
pub(super) fn run(project: &Project, effort: Effort, earlier: Option<&Path>) -> Result<()> {
    setup::provide(project, &[setup::FOR_PACKAGE, NEEDS].concat())?;
    let peers = Peers::of(project, LIBRARIES);
    let package = package::build(project)?;
    let program = program(project, &package)?;
    fs::create_dir_all(project.target("bench"))?;

    heading("Measuring");
    let shipped = size::shipped(project, &package)?;
    let libraries = step("bytes", || {
        size::libraries(project, &program, &peers, &shipped)
    })?;
    let module = step("bytes by crate", || {
        parts::of_module(project, &package, shipped.module.brotli)
    })?;
    let script = step("bytes by source", || {
        parts::of_script(project, &package, shipped.script.brotli)
    })?;
    let files = vec![shipped.script, shipped.module];
    let storms = step("storms of twenty calls", || {
        storm::measure(project, &program)
    })?;
    let earlier = earlier
        .map(|tarball| candidate::install(project, tarball, &program))
        .transpose()?;
    let candidates = candidate::all(&program, earlier.as_deref());
    let start = step("starts", || start::measure(project, &candidates, effort))?;
    let cost = cost::measure(project, &candidates, effort)?;

    let [node, jsc, _] = Engine::all(project);
    let figures = Figures {
        measured: Circumstances::observe(project, vec![node.name, jsc.name])?,
        budgets: budgets::judge(&files, &cost, &start),
        libraries,
        files,
        module,
        script,
        cost,
        start,
        storms,
    };
    report::publish(project, effort, "client", &figures)
}

/// A mini program with the package, and with the plain module for JavaScriptCore's shell.
fn program(project: &Project, package: &Package) -> Result<PathBuf> {
    let program = miniprogram::install(project, &package.tarball, "bench")?;
    fs::copy(
        &package.module,
        miniprogram::package_in(&program).join("wxsession.wasm"),
    )?;
    Ok(program)
}
