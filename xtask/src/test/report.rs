//! What has passed and what has not, over the whole run.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use super::count::{Count, Style};
use crate::process::{finish, succeed};
use crate::progress::{Step, heading, step};
use crate::project::Project;

/// The run so far.
pub(super) struct Report<'a> {
    project: &'a Project,
    started: Instant,
    total: Count,
    broken: Vec<String>,
}

impl<'a> Report<'a> {
    /// A run that starts now.
    pub(super) fn new(project: &'a Project) -> Self {
        Self {
            project,
            started: Instant::now(),
            total: Count::default(),
            broken: Vec::new(),
        }
    }

    /// Does something that the run is to survive; its error is printed and counts as one failure.
    pub(super) fn attempt<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        match work() {
            Ok(value) => Some(value),
            Err(error) => {
                println!("{error:#}");
                self.total.failed += 1;
                self.broken.push(name.to_owned());
                None
            }
        }
    }

    /// Does something that counts as one test.
    pub(super) fn test(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        if self.attempt(name, || step(name, work)).is_some() {
            self.total.passed += 1;
        }
    }

    /// Runs a command that has only to succeed.
    pub(super) fn check(&mut self, name: &str, mut command: Command) {
        let project = self.project;
        self.attempt(name, || step(name, || succeed(project, name, &mut command)));
    }

    /// Runs a command that counts its tests. Gives how many there were, or nothing where they did
    /// not run.
    pub(super) fn suite(&mut self, name: &str, style: Style, mut command: Command) -> Option<u64> {
        let step = Step::begin(name);
        let result = run_suite(self.project, name, style, &mut command);
        match &result {
            Ok(count) => step.end(count.failed == 0, &count.to_string()),
            Err(_) => step.end(false, ""),
        }
        let count = self.attempt(name, || result)?;
        self.total = [self.total, count].into_iter().sum();
        if count.failed > 0 {
            self.broken.push(name.to_owned());
        }
        Some(count.all())
    }

    /// Prints what failed, the time, and the closing line.
    pub(super) fn close(self) -> ExitCode {
        heading("Result");
        println!("  {:.0} s in all", self.started.elapsed().as_secs_f64());
        for name in &self.broken {
            println!("  failed: {name}");
        }
        println!("\n{}", self.total);
        let clean = self.broken.is_empty() && self.total.failed == 0 && self.total.passed > 0;
        if clean {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Runs a suite to its end. Tests that fail are in its count, and what it printed is shown.
fn run_suite(project: &Project, name: &str, style: Style, command: &mut Command) -> Result<Count> {
    let finished = finish(project, name, command)?;
    let Some(count) = Count::read(&finished.output, style) else {
        bail!(
            "it printed no count of its tests:\n{}",
            finished.output.trim_end()
        );
    };
    ensure!(
        count.all() > 0,
        "it ran no test:\n{}",
        finished.output.trim_end()
    );
    if count.failed > 0 {
        println!("{}", finished.output.trim_end());
    }
    ensure!(
        finished.success == (count.failed == 0),
        "its exit code contradicts its count:\n{}",
        finished.output.trim_end()
    );
    Ok(count)
}
