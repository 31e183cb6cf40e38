//! Counts what has passed and failed during a run, and how long each suite took.

use std::cmp::Reverse;
use std::process::Command;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::count::{Count, Style};
use super::processor;
use crate::process::{finish, succeed};
use crate::progress::{Step, heading, step};
use crate::project::Project;

/// How many of the longest suites the report names. A shorter run begins with them.
const LONGEST: usize = 5;

/// The results so far. Both lanes share the report.
pub(super) struct Report<'a> {
    project: &'a Project,
    started: Instant,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    total: Count,
    broken: Vec<String>,
    durations: Vec<(String, Duration)>,
}

impl<'a> Report<'a> {
    /// Starts the clock of the run.
    pub(super) fn new(project: &'a Project) -> Self {
        Self {
            project,
            started: Instant::now(),
            tally: Mutex::default(),
        }
    }

    /// Does the work. An error is printed and counts as one failure, and the run continues.
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

    /// Does the work as one test.
    pub(super) fn test(&self, name: &str, work: impl FnOnce() -> Result<()>) {
        if self.attempt(name, || step(name, work)).is_some() {
            self.add(name, Count::PASSED);
        }
    }

    /// Runs a command that must succeed, as one test.
    pub(super) fn check(&self, name: &str, command: &mut Command) {
        self.test(name, || succeed(self.project, name, command).map(drop));
    }

    /// Runs a command that counts its tests. Returns the number of tests, or `None` if they did not run.
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

    /// Runs a suite, and notes how long its lane was busy with it, the wait for tools and builds included.
    pub(super) fn timed(&self, name: &str, suite: impl FnOnce()) {
        let started = Instant::now();
        suite();
        let took = started.elapsed();
        self.lock().durations.push((name.to_owned(), took));
    }

    /// Prints the failures, the durations and the closing line.
    pub(super) fn close(self) -> ExitCode {
        let tally = self
            .tally
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        heading("Result");
        println!(
            "  {}",
            in_all(self.started.elapsed(), processor::of_commands())
        );
        for line in longest(tally.durations) {
            println!("  {line}");
        }
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

/// What the run took: on the clock, and of the processors.
fn in_all(took: Duration, of_processors: Option<Duration>) -> String {
    let took = format!("{:.0} s in all", took.as_secs_f64());
    match of_processors {
        Some(time) => format!("{took}, {:.0} s of processor time", time.as_secs_f64()),
        None => took,
    }
}

/// A line for each of the longest suites, if there are more than one.
fn longest(mut durations: Vec<(String, Duration)>) -> Vec<String> {
    if durations.len() < 2 {
        return Vec::new();
    }
    durations.sort_by_key(|(_, took)| Reverse(*took));
    durations.truncate(LONGEST);
    let line = |(name, took): (String, Duration)| format!("{:>6.0} s {name}", took.as_secs_f64());
    durations.into_iter().map(line).collect()
}

/// Runs a suite. If tests fail, prints the suite's output.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(seconds: &[u64]) -> Vec<(String, Duration)> {
        let named = |seconds: &u64| (format!("suite-{seconds}"), Duration::from_secs(*seconds));
        seconds.iter().map(named).collect()
    }

    #[test]
    fn the_longest_suites_are_named_first_and_the_short_ones_not_at_all() {
        let lines = longest(durations(&[3, 411, 1, 57, 90, 1200, 2]));
        assert_eq!(
            lines,
            [
                "  1200 s suite-1200",
                "   411 s suite-411",
                "    90 s suite-90",
                "    57 s suite-57",
                "     3 s suite-3"
            ]
        );
    }

    #[test]
    fn what_no_system_tells_is_left_out() {
        let took = Duration::from_secs(700);
        let told = in_all(took, Some(Duration::from_secs(1204)));
        assert_eq!(told, "700 s in all, 1204 s of processor time");
        assert_eq!(in_all(took, None), "700 s in all");
    }

    #[test]
    fn a_suite_that_runs_alone_is_not_compared() {
        assert_eq!(longest(durations(&[3])), Vec::<String>::new());
    }
}
