//! The tests of the demonstration's page: somebody who clicks everything, in a real browser.

use std::process::Command;

use crate::demo;
use crate::package::Package;
use crate::project::Project;
use crate::services::Services;
use crate::test::count::Style;
use crate::test::report::Report;

/// Runs them.
pub(super) fn tests(project: &Project, report: &mut Report<'_>, package: &Package) {
    let services = Services::default();
    let start = || demo::page::serve(project, package, &services, None);
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
