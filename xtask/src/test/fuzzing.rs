//! Searches briefly for inputs that break a rule. `cargo xtask fuzz` searches for longer.

use super::report::Report;
use super::stage::Stage;
use crate::fuzz;
use crate::process::succeed;

/// How long the search of each target takes.
const SECONDS: u32 = 5;

/// Searches every target. Each search is one test.
pub(super) fn run(stage: &Stage<'_>, report: &Report<'_>) {
    let project = stage.project;
    let Some(program) = report.attempt("the fuzz targets", || fuzz::build(project)) else {
        return;
    };
    let targets = report.attempt("the corpora", || fuzz::targets(project));
    for target in targets.unwrap_or_default() {
        let name = format!("fuzz-{target}");
        report.test(&name, || {
            let mut search = fuzz::search(project, &program, &target, SECONDS)?;
            succeed(project, &name, &mut search).map(drop)
        });
    }
}
