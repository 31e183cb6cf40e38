//! What has passed and what has not, over the whole run.

use std::process::Command;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use super::count::{Count, Style};
use crate::process::{finish, succeed};
use crate::progress::{Step, heading, step};
use crate::project::Project;

/// The run so far. Suites that run side by side share it.
pub(super) struct Report<'a> {
    project: &'a Project,
    started: Instant,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    total: Count,
    broken: Vec<String>,
}

impl<'a> Report<'a> {
    /// A run that starts now.
    pub(super) fn new(project: &'a Project) -> Self {
        Self {
            project,
            started: Instant::now(),
            tally: Mutex::default(),
        }
    }

    /// Does something that the run survives; its error is printed and counts as one failure.
    pub(super) fn attempt<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        match work() {
            Ok(value) => Some(value),
            Err(error) => {
                println!("{name}: {error:#}");
                self.add(name, Count::FAILED);
                None
            }
        }
    }

    /// Does something that counts as one test.
    pub(super) fn test(&self, name: &str, work: impl FnOnce() -> Result<()>) {
        if self.attempt(name, || step(name, work)).is_some() {
            self.add(name, Count::PASSED);
        }
    }

    /// Runs a command that has to succeed, as one test.
    pub(super) fn check(&self, name: &str, command: &mut Command) {
        self.test(name, || succeed(self.project, name, command).map(drop));
    }

    /// Runs a command that counts its tests. Returns how many there were, or nothing where they did not run.
    pub(super) fn suite(&self, name: &str, style: Style, command: &mut Command) -> Option<u64> {
        let count = self.attempt(name, || {
            let step = Step::begin(name);
            let result = run_suite(self.project, name, style, command);
            match &result {
                Ok(count) => step.end(count.failed == 0, &count.to_string()),
                Err(_) => step.end(false, ""),
            }
            result
        })?;
        self.add(name, count);
        Some(count.all())
    }

    /// Prints what failed, the time, and the closing line.
    pub(super) fn close(self) -> ExitCode {
        let tally = self
            .tally
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        heading("Result");
        println!("  {:.0} s in all", self.started.elapsed().as_secs_f64());
        for name in &tally.broken {
            println!("  failed: {name}");
        }
        println!("\n{}", tally.total);
        if tally.total.failed == 0 && tally.total.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn add(&self, name: &str, count: Count) {
        let mut tally = self.lock();
        tally.total = [tally.total, count].into_iter().sum();
        if count.failed > 0 {
            tally.broken.push(name.to_owned());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a suite to its end. Tests that fail are in its count, and what it printed is shown.
fn run_suite(project: &Project, name: &str, style: Style, command: &mut Command) -> Result<Count> {
    let finished = finish(project, name, command)?;
    let output = finished.output.trim_end();
    let Some(count) = Count::read(output, style) else {
        bail!("it printed no count of its tests:\n{output}");
    };
    ensure!(count.all() > 0, "it ran no test:\n{output}");
    if count.failed > 0 {
        println!("{name}:\n{output}");
    }
    ensure!(
        finished.success == (count.failed == 0),
        "its exit code contradicts its count, or a test was skipped:\n{output}"
    );
    Ok(count)
}
