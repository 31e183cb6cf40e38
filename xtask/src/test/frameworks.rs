//! The examples that are written with a framework, built by it with the packed package.

use super::count::Style;
use super::report::Report;
use crate::backend::Backend;
use crate::package::Package;
use crate::project::Project;

/// Builds them, and runs them against the real server.
pub(super) fn tests(
    project: &Project,
    report: &mut Report<'_>,
    package: &Package,
    backend: &Backend,
) {
    let mut tests = project.command("node");
    tests.arg("tests/frameworks/main.js");
    tests.arg("--tarball").arg(&package.tarball);
    tests.arg("--folder").arg(project.target("frameworks"));
    tests.args(["--api", &backend.api, "--wechat", &backend.wechat]);
    report.suite("frameworks", Style::Plain, tests);
}
