//! The tests of the demonstration's page: somebody who clicks everything, in a real browser.

use std::process::Command;

use super::count::Style;
use super::demonstration;
use super::report::Report;
use crate::project::Project;
use crate::services::Services;

/// Runs them.
pub(super) fn tests(project: &Project, report: &mut Report<'_>) {
    let services = Services::default();
    let start = || {
        let mut serve = demonstration(project)?;
        Ok(services
            .start(project, "page", serve.arg("--only-page"))?
            .url)
    };
    if let Some(url) = report.attempt("the page", start) {
        report.suite("page", Style::Plain, script(project, &url));
    }
}

fn script(project: &Project, url: &str) -> Command {
    let mut command = project.command("node");
    command.args(["tests/page/test.js", "--url", url, "--browser"]);
    // That it is there, the set-up has seen to.
    command.arg(project.find_program("chromium").unwrap_or_default());
    command
}
