//! What the documents say is so: the code in them runs, and the one of the API is up to date.

use std::path::Path;

use super::count::Style;
use super::report::Report;
use crate::document;
use crate::project::Project;

/// `program` is a mini program's folder with the package.
pub(super) fn run(project: &Project, report: &mut Report<'_>, program: &Path) {
    report.test("the document of the API", || {
        document::is_up_to_date(project)
    });
    let mut code = project.command("node");
    code.arg("tests/docs/code/main.js");
    code.arg("--package").arg(program);
    report.suite("documents", Style::Plain, code);
}
