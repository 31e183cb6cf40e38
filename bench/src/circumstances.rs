//! When and where a run took place.

use std::fs;
use std::thread;

use anyhow::{Context, Result};
use serde::Serialize;

use xtask::process::answer;
use xtask::project::Project;

/// The day, the machine and the programs of a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Circumstances {
    /// The day, as `2026-01-31`.
    day: String,
    /// The kind of machine.
    machine: String,
    /// Whether other work kept the cores busy, which makes everything take longer.
    is_busy: bool,
    /// The programs and their versions.
    programs: Vec<String>,
}

impl Circumstances {
    /// The present circumstances.
    ///
    /// # Errors
    /// The system does not tell the day or the cores.
    pub(super) fn observe(project: &Project, programs: Vec<String>) -> Result<Self> {
        let day = answer(project.command("date").args(["-u", "+%Y-%m-%d"]))
            .context("asking for the day")?;
        let cores = u32::try_from(thread::available_parallelism()?.get())?;
        Ok(Self {
            day,
            machine: format!(
                "{cores} cores, {} {}",
                std::env::consts::ARCH,
                std::env::consts::OS
            ),
            is_busy: load().is_some_and(|load| load > f64::from(cores)),
            programs,
        })
    }
}

/// The load average of the last five minutes, on Linux.
fn load() -> Option<f64> {
    let told = fs::read_to_string("/proc/loadavg").ok()?;
    told.split(' ').nth(1)?.parse().ok()
}
