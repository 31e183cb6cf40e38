//! When something was measured, and on what.

use std::fs;
use std::thread;

use anyhow::{Context, Result};
use serde::Serialize;

use xtask::process::answer;
use xtask::project::Project;

/// When and on what.
#[derive(Serialize)]
pub(super) struct Circumstances {
    /// The day, as `2026-01-31`.
    pub(super) day: String,
    /// The kind of machine.
    pub(super) machine: String,
    /// How many cores there are.
    cores: usize,
    /// How many processes wanted to run while this was measured; not known on every system.
    pub(super) load: Option<f64>,
    /// The programs that took part, with their versions.
    programs: Vec<String>,
}

impl Circumstances {
    /// Those of this moment.
    ///
    /// # Errors
    /// The system does not tell.
    pub(super) fn observe(project: &Project, programs: Vec<String>) -> Result<Self> {
        let day = answer(project.command("date").args(["-u", "+%Y-%m-%d"]))
            .context("asking for the day")?;
        let cores = thread::available_parallelism()?.get();
        Ok(Self {
            day,
            machine: format!(
                "{cores} cores, {} {}",
                std::env::consts::ARCH,
                std::env::consts::OS
            ),
            cores,
            load: load(),
            programs,
        })
    }

    /// In a line.
    pub(super) fn line(&self) -> String {
        format!(
            "Measured on {}: {}; {}",
            self.day,
            self.machine,
            self.programs.join(", ")
        )
    }

    /// Above a table: the line, and a warning where one is due.
    pub(super) fn heading(&self) -> String {
        let mut heading = format!("\n{}\n", self.line());
        if self.is_busy() {
            heading += "Others kept the machine busy: every time is longer than it need be.\n";
        }
        heading
    }

    /// Whether others wanted the cores as well, which makes everything take longer.
    fn is_busy(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "there are not that many cores")]
        let cores = self.cores as f64;
        self.load.is_some_and(|load| load > cores)
    }
}

/// As Linux tells it, over the last minutes.
fn load() -> Option<f64> {
    let told = fs::read_to_string("/proc/loadavg").ok()?;
    told.split(' ').nth(1)?.parse().ok()
}
