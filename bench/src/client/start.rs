//! The time of a cold start.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::project::Project;

use super::candidate::Candidate;
use super::engine::{Engine, told};
use super::figures::Start;
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

/// Starts every candidate without a session, and also with one if the library keeps it.
///
/// Candidates take turns, so that other work on the machine disturbs all alike.
pub(super) fn measure(
    project: &Project,
    candidates: &[Candidate<'_>],
    effort: Effort,
) -> Result<Vec<Start>> {
    let mut samples = samples(project, candidates)?;
    let node = Engine::node(project);
    for run in 0..=effort.runs(RUNS) {
        for sample in &mut samples {
            let (program, library) = (sample.candidate.program, sample.candidate.library);
            let mut command = node.script(project, "start.js", program, library);
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

/// The starts of a candidate.
struct Sample<'a> {
    candidate: &'a Candidate<'a>,
    /// The file with the phone's storage, if the library keeps a session.
    storage: Option<PathBuf>,
    starts: Vec<Started>,
}

/// A sample for each candidate, still without starts.
fn samples<'a>(project: &Project, candidates: &'a [Candidate<'a>]) -> Result<Vec<Sample<'a>>> {
    let mut samples = Vec::new();
    for candidate in candidates {
        let sample = |storage| Sample {
            candidate,
            storage,
            starts: Vec::new(),
        };
        samples.push(sample(None));
        if candidate.keeps_session {
            let name = format!("{}.storage.json", candidate.name);
            let storage = project.target("bench").join(name);
            if storage.exists() {
                fs::remove_file(&storage)?;
            }
            samples.push(sample(Some(storage)));
        }
    }
    Ok(samples)
}

impl Sample<'_> {
    fn start(&self) -> Result<Start> {
        let spread =
            |of: fn(&Started) -> Option<f64>| Spread::of(self.starts.iter().filter_map(of));
        let median = |of| spread(of).map(|spread| spread.median);
        Ok(Start {
            library: self.candidate.name.to_owned(),
            kept: self.storage.is_some(),
            total: spread(|start| Some(start.total)).context("no starts")?,
            scripts: median(|start| Some(start.scripts)).unwrap_or_default(),
            unpacking: median(|start| start.unpacking),
            compiling: median(|start| start.compiling),
        })
    }
}
