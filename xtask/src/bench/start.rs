//! How long a cold start takes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::engine::{Engine, told};
use super::figures::Start;
use super::library::{self, Library};
use super::statistics::Spread;
use crate::project::Project;

/// How often each library is started.
const RUNS: usize = 11;

/// One start, as its process tells of it, in milliseconds.
#[derive(Deserialize)]
struct Started {
    total: f64,
    scripts: f64,
    unpacking: Option<f64>,
    compiling: Option<f64>,
}

/// Starts every library, without a session and, where it keeps one, with it.
pub(super) fn measure(project: &Project, program: &Path) -> Result<Vec<Start>> {
    let mut starts = Vec::new();
    for Library {
        name,
        keeps_session,
        ..
    } in library::ALL
    {
        starts.push(start(project, program, name, None)?);
        if keeps_session {
            let storage = project
                .target("bench")
                .join(name)
                .with_extension("storage.json");
            if storage.exists() {
                fs::remove_file(&storage)?;
            }
            starts.push(start(project, program, name, Some(&storage))?);
        }
    }
    Ok(starts)
}

fn start(
    project: &Project,
    program: &Path,
    library: &str,
    storage: Option<&Path>,
) -> Result<Start> {
    let node = Engine::node(project);
    let mut runs = Vec::new();
    // The first one of those that find a session only leaves it.
    for run in 0..=RUNS {
        let mut command = node.script(project, "start.js", program, library);
        if let Some(file) = storage {
            command.arg("--storage").arg(file);
        }
        let started: Started = told(project, "bench-start", &mut command)?;
        if run > 0 {
            runs.push(started);
        }
    }
    let median = |of: fn(&Started) -> Option<f64>| {
        Spread::of(runs.iter().filter_map(of)).map(|spread| spread.median)
    };
    Ok(Start {
        library: library.to_owned(),
        kept: storage.is_some(),
        total: Spread::of(runs.iter().map(|run| run.total)).context("no starts")?,
        scripts: median(|run| Some(run.scripts)).unwrap_or_default(),
        unpacking: median(|run| run.unpacking),
        compiling: median(|run| run.compiling),
    })
}
