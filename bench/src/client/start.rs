//! The time of a cold start.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::project::Project;

use super::engine::{Engine, told};
use super::figures::Start;
use super::library;
use crate::effort::Effort;
use crate::statistics::Spread;

/// How many starts each library gets.
const RUNS: usize = 11;

/// The figures that a start prints, in milliseconds.
#[derive(Deserialize)]
struct Started {
    total: f64,
    scripts: f64,
    unpacking: Option<f64>,
    compiling: Option<f64>,
}

/// Starts every library without a session, and also with one if the library keeps it.
///
/// Libraries take turns, so that other work on the machine disturbs all alike.
pub(super) fn measure(project: &Project, program: &Path, effort: Effort) -> Result<Vec<Start>> {
    let mut samples = samples(project)?;
    let node = Engine::node(project);
    for run in 0..=effort.runs(RUNS) {
        for sample in &mut samples {
            let mut command = node.script(project, "start.js", program, sample.library);
            if let Some(file) = &sample.storage {
                command.arg("--storage").arg(file);
            }
            let started = told(project, "bench-start", &mut command)?;
            // The first start finds an empty storage and fills it.
            if run > 0 {
                sample.starts.push(started);
            }
        }
    }
    samples.iter().map(Sample::start).collect()
}

/// The starts of a library.
struct Sample {
    library: &'static str,
    /// The file with the phone's storage, if the library keeps a session.
    storage: Option<PathBuf>,
    starts: Vec<Started>,
}

/// A sample for each library, still without starts.
fn samples(project: &Project) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for library in library::ALL {
        let sample = |storage| Sample {
            library: library.name,
            storage,
            starts: Vec::new(),
        };
        samples.push(sample(None));
        if library.keeps_session {
            let name = format!("{}.storage.json", library.name);
            let storage = project.target("bench").join(name);
            if storage.exists() {
                fs::remove_file(&storage)?;
            }
            samples.push(sample(Some(storage)));
        }
    }
    Ok(samples)
}

impl Sample {
    fn start(&self) -> Result<Start> {
        let spread =
            |of: fn(&Started) -> Option<f64>| Spread::of(self.starts.iter().filter_map(of));
        let median = |of| spread(of).map(|spread| spread.median);
        Ok(Start {
            library: self.library.to_owned(),
            kept: self.storage.is_some(),
            total: spread(|start| Some(start.total)).context("no starts")?,
            scripts: median(|start| Some(start.scripts)).unwrap_or_default(),
            unpacking: median(|start| start.unpacking),
            compiling: median(|start| start.compiling),
        })
    }
}
