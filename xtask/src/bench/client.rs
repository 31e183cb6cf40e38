//! The npm package, and the libraries that do something like it.

use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result};

use super::engine::Engine;
use super::figures::{Circumstances, Figures};
use super::peers::Peers;
use super::{cost, picture, size, start, storm, table};
use crate::miniprogram;
use crate::package::{self, Package};
use crate::process::answer;
use crate::progress::{heading, step};
use crate::project::Project;
use crate::setup::{self, Need};

/// Measures, prints the table and writes what was measured.
pub(super) fn run(project: &Project) -> Result<()> {
    setup::provide(project, Need::ALL)?;
    let peers = Peers::provide(project)?;
    let package = package::build(project)?;
    let program = program(project, &package)?;
    fs::create_dir_all(project.target("bench"))?;

    heading("Measuring");
    let files = size::files(project, &package)?;
    let [script, module] = files.as_slice() else {
        unreachable!("these two ship")
    };
    let (script, module) = (script.brotli, module.brotli);
    let libraries = step("bytes", || {
        size::libraries(project, &program, &peers, &files)
    })?;
    let module = step("bytes by crate", || size::module(project, &package, module))?;
    let script = step("bytes by source", || {
        size::script(project, &package, script)
    })?;
    let storms = step("storms of twenty calls", || {
        storm::measure(project, &program)
    })?;
    let start = step("starts", || start::measure(project, &program))?;
    let cost = cost::measure(project, &program)?;

    let figures = Figures {
        measured: circumstances(project)?,
        libraries,
        files,
        module,
        script,
        cost,
        start,
        storms,
    };
    let json = project.target("bench/client.json");
    fs::write(&json, serde_json::to_string_pretty(&figures)? + "\n")?;
    let svg = project.path("xtask/bench/client.svg");
    fs::write(&svg, picture::draw(&figures))?;
    print!("{}", table::print(&figures));
    println!(
        "\nThe figures: {}\nThe picture: {}",
        json.display(),
        svg.display()
    );
    Ok(())
}

/// A mini program with the package in it, whose module JavaScriptCore's shell can read too.
fn program(project: &Project, package: &Package) -> Result<PathBuf> {
    let program = miniprogram::install(project, package, "bench")?;
    fs::copy(
        &package.module,
        miniprogram::package_in(&program).join("wxsession.wasm"),
    )?;
    Ok(program)
}

fn circumstances(project: &Project) -> Result<Circumstances> {
    let day =
        answer(project.command("date").args(["-u", "+%Y-%m-%d"])).context("asking for the day")?;
    let cores = thread::available_parallelism()?.get();
    let [node, jsc, _] = Engine::all(project);
    Ok(Circumstances {
        day,
        machine: format!(
            "{cores} cores, {} {}",
            std::env::consts::ARCH,
            std::env::consts::OS
        ),
        cores,
        load: load(),
        engines: vec![node.name, jsc.name],
    })
}

/// As Linux tells it, over the last minutes.
fn load() -> Option<f64> {
    let told = fs::read_to_string("/proc/loadavg").ok()?;
    told.split(' ').nth(1)?.parse().ok()
}
