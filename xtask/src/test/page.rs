//! The tests of the demonstration's page: somebody who clicks everything, in a real browser.

use super::count::Style;
use super::report::Report;
use crate::project::Project;

/// Runs them. They build and start the page's server themselves.
pub(super) fn tests(project: &Project, report: &mut Report<'_>) {
    let mut command = project.command("node");
    command.arg("tests/page/node_modules/@playwright/test/cli.js");
    command.args(["test", "--config", "tests/page"]);
    if let Some(chromium) = project.find_program("chromium") {
        command.env("CHROMIUM", chromium);
    }
    report.suite("page", Style::Plain, command);
}
