//! The examples, and mini programs of other shapes, as WeChat's own builder makes them of the packed package.

use super::count::Style;
use super::report::Report;
use super::tsc;
use crate::backend::Backend;
use crate::miniprogram;
use crate::package::Package;
use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;

/// Checks the examples' types against the package's declarations.
pub(super) fn checks(project: &Project, report: &mut Report<'_>) {
    report.check("tsc-examples", tsc(project, "--project tests/programs"));
}

/// Builds them, and runs them against the real server.
pub(super) fn tests(
    project: &Project,
    report: &mut Report<'_>,
    package: &Package,
    backend: &Backend,
) {
    // The server's own example, which takes pictures too.
    let start_shop = || {
        let mut build = project.command("cargo");
        build.args(["build", "--package", "wxsession-server"]);
        build.args(["--example", "shop"]);
        step("the example's backend: cargo build", || {
            succeed(project, "build-shop", &mut build)
        })?;
        let mut shop = project.command(project.target("debug/examples/shop"));
        shop.arg("127.0.0.1:0");
        Ok(backend.services.start(project, "shop", &mut shop)?.url)
    };
    let Some(shop) = report.attempt("the example's backend", start_shop) else {
        return;
    };
    let install = || miniprogram::install(project, package, "programs");
    let Some(program) = report.attempt("a mini program with the package", install) else {
        return;
    };
    let mut tests = project.command("node");
    tests.arg("tests/programs/main.js");
    tests.arg("--package").arg(program);
    tests.arg("--tarball").arg(&package.tarball);
    tests.arg("--scratch").arg(project.target("programs"));
    tests.args(["--api", &backend.api, "--wechat", &backend.wechat]);
    tests.args(["--shop", &shop]);
    report.suite("programs", Style::Plain, tests);
}
