//! Runs suites in two lanes side by side, one for Rust and one for scripts, while tools are still being installed.

use std::thread;

use super::engines;
use super::report::Report;
use super::stage::Stage;
use super::suites::{Suite, Work};
use crate::process::yielding;
use crate::setup::Provision;

/// Runs the suites of each lane in order.
pub(super) fn run(
    lanes: [Vec<&Suite>; 2],
    provision: &Provision<'_>,
    stage: &Stage<'_>,
    report: &Report<'_>,
) {
    thread::scope(|scope| {
        scope.spawn(|| provision.all());
        for lane in lanes {
            scope.spawn(move || {
                for suite in lane {
                    report.timed(suite.name, || run_suite(suite, provision, stage, report));
                }
            });
        }
    });
}

fn run_suite(suite: &Suite, provision: &Provision<'_>, stage: &Stage<'_>, report: &Report<'_>) {
    let provided = || {
        let needs = suite.needs();
        needs.into_iter().try_for_each(|need| provision.wait(need))
    };
    let name = suite.name;
    if report.attempt(name, provided).is_none() {
        return;
    }
    let command = |line| report.attempt(name, || stage.command(line));
    match suite.work {
        Work::Check(line) => {
            if let Some(command) = command(line) {
                report.check(name, &mut yielding(command));
            }
        }
        Work::Tests(style, line) => {
            if let Some(command) = command(line) {
                report.suite(name, style, &mut yielding(command));
            }
        }
        Work::Timed(style, line) => {
            if let Some(mut command) = command(line) {
                report.suite(name, style, &mut command);
            }
        }
        Work::OnEveryEngine(script) => engines::run(name, script, stage, report),
        Work::Own(work) => work(stage, report),
    }
}
