//! The cost of a request with a live session.

use std::collections::HashMap;

use anyhow::Result;
use serde::Deserialize;
use xtask::progress::step;
use xtask::project::Project;

use super::candidate::Candidate;
use super::engine::{Engine, told};
use super::figures::Cost;
use crate::effort::Effort;
use crate::statistics::Spread;

/// How many runs each library gets on each engine, each in a process of its own.
const RUNS: usize = 5;

/// The figures that a process prints.
#[derive(Deserialize)]
struct Told {
    rounds: Vec<Pair>,
}

/// Nanoseconds of a call in a round without the library and in one with it.
#[derive(Deserialize)]
struct Pair {
    bare: f64,
    library: f64,
}

/// The medians of a library's processes on an engine so far.
#[derive(Default)]
struct Sample {
    bare: Vec<f64>,
    over: Vec<f64>,
    failure: Option<String>,
}

/// Measures every candidate on every engine.
///
/// Each run takes the candidates in a different order, so that none always follows the same one.
pub(super) fn measure(
    project: &Project,
    candidates: &[Candidate<'_>],
    effort: Effort,
) -> Result<Vec<Cost>> {
    let runs = effort.runs(RUNS);
    let mut costs = Vec::new();
    for engine in Engine::all(project) {
        let mut samples = HashMap::<_, Sample>::new();
        for run in 0..runs {
            let what = format!("time per request on {}, {} of {runs}", engine.name, run + 1);
            step(&what, || {
                let place = run * candidates.len() / runs;
                for candidate in candidates[place..].iter().chain(&candidates[..place]) {
                    let sample = samples.entry(candidate.name).or_default();
                    add(project, &engine, candidate, sample);
                }
                Ok(())
            })?;
        }
        costs.extend(candidates.iter().map(|candidate| {
            let sample = samples.remove(candidate.name).unwrap_or_default();
            // From nanoseconds to microseconds.
            let spread = |of| Spread::of(of).map(|spread| spread.times(1e-3));
            Cost {
                engine: engine.short.to_owned(),
                library: candidate.name.to_owned(),
                failure: sample.failure,
                bare: spread(sample.bare),
                over: spread(sample.over),
            }
        }));
    }
    Ok(costs)
}

fn add(project: &Project, engine: &Engine, candidate: &Candidate<'_>, sample: &mut Sample) {
    let (program, library) = (candidate.program, candidate.library);
    let mut command = engine.script(project, "cost.js", program, library);
    match told::<Told>(project, "bench-cost", &mut command) {
        Ok(Told { rounds }) => {
            let middle =
                |of: fn(&Pair) -> f64| Spread::of(rounds.iter().map(of)).map(|of| of.median);
            sample.over.extend(middle(|pair| pair.library - pair.bare));
            sample.bare.extend(middle(|pair| pair.bare));
        }
        // A library that does not run on an engine is a result too.
        Err(error) => sample.failure = Some(format!("{error:#}")),
    }
}
