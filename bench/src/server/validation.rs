//! The cost of a request with a live session.

use std::collections::HashMap;

use anyhow::{Context, Result};
use xtask::progress::step;
use xtask::project::Project;

use super::candidate::HAND_WRITTEN;
use super::figures::{Latency, Validation, Verify};
use super::fleet::{Fleet, Member};
use super::load::{Load, Pressure};
use crate::effort::Effort;
use crate::statistics::Spread;

/// How many runs each service gets.
const RUNS: usize = 3;

/// Seconds of each phase of a run: warm-up, full load and moderate load.
const WARM_UP: u32 = 1;
const FULL: u32 = 4;
const MODERATE: u32 = 2;

/// One run of a service.
struct Run {
    full: Load,
    moderate: Load,
    /// Seconds of processor time per request, of the service and of Redis.
    processor: f64,
    redis: f64,
    resident: u64,
    verify: Option<Verified>,
}

/// What a run showed of `/verify`.
struct Verified {
    rate: f64,
    processor: f64,
}

/// Measures all services in turn, so that other work on the machine disturbs all alike. Each round begins with a different
/// service.
///
/// # Errors
/// A service answers wrongly.
pub(super) fn measure(project: &Project, fleet: &Fleet, effort: Effort) -> Result<Vec<Validation>> {
    let runs_each = effort.runs(RUNS);
    let mut runs = HashMap::<_, Vec<Run>>::new();
    let members = &fleet.members;
    for round in 0..runs_each {
        let first = round * members.len() / runs_each;
        for member in members[first..].iter().chain(&members[..first]) {
            let name = member.candidate.name;
            let what = format!("requests to {name}, {} of {runs_each}", round + 1);
            let run = step(&what, || run(project, fleet, member))?;
            runs.entry(name).or_default().push(run);
        }
    }
    let compared: Vec<_> = runs
        .get(HAND_WRITTEN)
        .context("the hand-written service is missing")?
        .iter()
        .map(|run| run.full.rate())
        .collect();
    members
        .iter()
        .map(|member| validation(member, &runs[member.candidate.name], &compared))
        .collect()
}

fn run(project: &Project, fleet: &Fleet, member: &Member) -> Result<Run> {
    let url = member.url();
    let press = |pressure, seconds| Load::press(project, &url, &member.headers, pressure, seconds);
    let used = || -> Result<_> {
        Ok((
            member.process().processor_seconds(project)?,
            fleet.redis.process.processor_seconds(project)?,
        ))
    };
    press(Pressure::Full, WARM_UP)?;
    let before = used()?;
    let full = press(Pressure::Full, FULL)?;
    let after = used()?;
    let moderate = press(Pressure::Moderate, MODERATE)?;
    Ok(Run {
        processor: (after.0 - before.0) / full.requests,
        redis: (after.1 - before.1) / full.requests,
        resident: member.process().resident_bytes()?,
        verify: match &member.verify {
            Some(url) => Some(verified(project, member, url)?),
            None => None,
        },
        full,
        moderate,
    })
}

fn verified(project: &Project, member: &Member, url: &str) -> Result<Verified> {
    let before = member.process().processor_seconds(project)?;
    let load = Load::press(project, url, &member.headers, Pressure::Full, FULL)?;
    let used = member.process().processor_seconds(project)? - before;
    Ok(Verified {
        rate: load.rate(),
        processor: used / load.requests,
    })
}

/// Computes each ratio from runs in the same round.
fn validation(member: &Member, runs: &[Run], compared: &[f64]) -> Result<Validation> {
    let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of)).context("no runs");
    let ratios = runs
        .iter()
        .zip(compared)
        .map(|(run, other)| run.full.rate() / other);
    let latency = |of: fn(&Run) -> &Load| -> Result<_> {
        let spread = |value: fn(&Load) -> f64| {
            Spread::of(runs.iter().map(|run| value(of(run)))).context("no runs")
        };
        Ok(Latency {
            rate: spread(Load::rate)?,
            p50: spread(|load| load.p50)?,
            p99: spread(|load| load.p99)?,
        })
    };
    let processor = spread(|run| run.processor)?.times(1e6);
    let redis = spread(|run| run.redis)?.times(1e6);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let resident = spread(|run| run.resident as f64)?;
    Ok(Validation {
        service: member.candidate.name.to_owned(),
        ratio: Spread::of(ratios).context("no runs")?,
        full: latency(|run| &run.full)?,
        moderate: latency(|run| &run.moderate)?,
        processor,
        redis: member.candidate.on_redis.then_some(redis),
        resident: resident.median,
        verify: verify(runs, compared),
    })
}

fn verify(runs: &[Run], compared: &[f64]) -> Option<Verify> {
    let verified: Option<Vec<_>> = runs.iter().map(|run| run.verify.as_ref()).collect();
    let verified = verified?;
    let ratios = verified.iter().zip(compared);
    Some(Verify {
        rate: Spread::of(verified.iter().map(|run| run.rate))?,
        ratio: Spread::of(ratios.map(|(run, other)| run.rate / other))?,
        processor: Spread::of(verified.iter().map(|run| run.processor))?.times(1e6),
    })
}
