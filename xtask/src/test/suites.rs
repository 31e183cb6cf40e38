//! The table of suites: the name, what a suite proves, what it needs and how it runs.
//!
//! A command is split at spaces. Words like `NAME=value` before the program set its environment variables. A name in
//! braces is replaced by its value from [`Stage`](super::stage::Stage), which makes the value on first use.

use super::count::Style::{self, Cargo, Nextest, NodeTest, Plain};
use super::report::Report;
use super::stage::Stage;
use super::{built, engines, fuzzing, stage};
use crate::document;
use crate::setup::Need::{
    self, CargoDeny, Nextest as NextestTool, Packages, Program, Schemathesis, WasmTools,
};

/// Tests or checks that run together under one name.
pub(super) struct Suite {
    pub(super) name: &'static str,
    /// The group's name runs all its suites.
    pub(super) group: &'static str,
    pub(super) proves: &'static str,
    /// What the suite needs, apart from the needs of the names in braces.
    takes: &'static [Need],
    pub(super) work: Work,
}

/// How a suite runs.
pub(super) enum Work {
    /// A command that must succeed, and counts as one test.
    Check(&'static str),
    /// A command that prints how many tests it ran.
    Tests(Style, &'static str),
    /// The same, for tests that fail on a busy machine. They get a higher priority than everything else.
    Timed(Style, &'static str),
    /// A script that runs on every engine, and must run the same number of tests on each.
    OnEveryEngine(&'static str),
    /// Tests that this program runs itself.
    Own(fn(&Stage<'_>, &Report<'_>)),
}

use Work::{Check, OnEveryEngine, Own, Tests, Timed};

/// The suites that compile Rust, in the order in which they run: cargo locks its target folder. Clippy comes first, because
/// its low priority leaves the processor to the build of the tools, for which the scripts wait.
#[rustfmt::skip]
pub(super) const COMPILED: &[Suite] = &[
    suite("clippy", "lint", "clippy finds nothing in any crate",
        &[], Check("cargo clippy --workspace --all-targets -- -D warnings")),
    suite("rustdoc", "lint", "rustdoc documents every crate without a warning",
        // The example makes cargo choose the features that clippy has checked the dependencies with.
        &[], Check("RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --lib --bins --example service")),
    suite("native", "rust", "the rules, the server over HTTP, every store, and the tables that two languages share",
        &[NextestTool, Program("redis-server"), Program("nginx"), Program("faketime"), Program("systemd-analyze"),
            Program("ip"), Program("python3"), Program("php"), Schemathesis],
        Timed(Nextest, "cargo nextest run --workspace --features wxsession-async/signed")),
    suite("doc-tests", "rust", "the examples in the crates' documentation work",
        &[], Tests(Cargo, "cargo test --workspace --doc --no-fail-fast")),
    suite("fuzz", "rust", "a few seconds of fuzzing find no input that breaks a rule of the server",
        &[Program("c++")], Own(fuzzing::run)),
    suite("clippy-wasm", "lint",
        "clippy finds nothing in the module and its tests, compiled to WebAssembly",
        &[WasmTools],
        Check(
            "cargo clippy --target wasm32-unknown-unknown --package wxsession --features module --lib --test boundary \
             -- -D warnings")),
    suite("clippy-async", "lint", "clippy finds nothing in the awaitable session and its tests",
        &[WasmTools],
        Check(
            "cargo clippy --target wasm32-unknown-unknown --package wxsession-async --lib --test awaitable --features signed \
             -- -D warnings")),
    suite("wasm-node", "wasm", "the boundary between Rust and JavaScript works in Node.js",
        &[WasmTools], Tests(Cargo, "wasm-pack test --mode no-install --node {root} --test boundary --features module")),
    suite("wasm-chrome", "wasm", "the same, in Chromium",
        &[WasmTools],
        Tests(Cargo,
            "WASM_BINDGEN_USE_BROWSER=1 WASM_BINDGEN_TEST_DRIVER_TIMEOUT=60 WASM_BINDGEN_TEST_TIMEOUT=120 \
             WASM_BINDGEN_TEST_WEBDRIVER_JSON={root}/xtask/webdriver.json wasm-pack test --mode no-install --headless \
             --chrome --chromedriver {chromedriver} {root} --test boundary --features module")),
    suite("async-node", "wasm", "the awaitable session works in Node.js",
        &[WasmTools], Tests(Cargo, "wasm-pack test --mode no-install --node {root}/async --test awaitable --features signed")),
    suite("async-chrome", "wasm", "the same, in Chromium",
        &[WasmTools],
        Tests(Cargo,
            "WASM_BINDGEN_USE_BROWSER=1 WASM_BINDGEN_TEST_DRIVER_TIMEOUT=60 WASM_BINDGEN_TEST_TIMEOUT=120 \
             WASM_BINDGEN_TEST_WEBDRIVER_JSON={root}/xtask/webdriver.json wasm-pack test --mode no-install --headless \
             --chrome --chromedriver {chromedriver} {root}/async --test awaitable --features signed")),
];

/// The suites of scripts, which run at the same time as the others.
#[rustfmt::skip]
pub(super) const SCRIPTED: &[Suite] = &[
    suite("fmt", "lint", "Rust is formatted by rustfmt",
        &[], Check("cargo fmt --all --check -- --color never")),
    suite("biome", "lint", "JavaScript and TypeScript are formatted by Biome",
        &[Packages("")], Check("node node_modules/@biomejs/biome/bin/biome format --colors=off")),
    suite("deny", "lint", "deny.toml allows every dependency",
        &[CargoDeny], Check("cargo-deny --workspace --log-level error check bans licenses sources")),
    suite("crates", "packed", "the public crates can be packed, and contain only what they should",
        &[Packages("")], Tests(NodeTest, "node --test --test-reporter=tap tests/published/crates.test.mjs")),
    suite("tsc", "types", "the shim compiles with TypeScript's strict checks",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project js")),
    suite("tsc-browser", "types", "the host for browsers compiles against what browsers have",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project js/beside/browser")),
    suite("tsc-declarations", "types",
        "the declarations accept what an app may write, and nothing else",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/types")),
    suite("tsc-douyin", "types", "the same, for Douyin",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/types/douyin")),
    suite("tsc-javascript", "types",
        "the JavaScript of simulator, tests, demonstration, bench and tools calls only what exists",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/javascript")),
    suite("tsc-page", "types", "the same for the demonstration's page and its tests",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/javascript/page")),
    suite("tsc-browser-tests", "types", "the same for the tests in a browser",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/javascript/browser")),
    suite("tsc-miniprogram", "types",
        "the mini programs of examples and demonstration, in JavaScript, call what wx and the package have",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/javascript/miniprogram")),
    suite("tsc-examples", "types", "the examples compile against the declarations",
        &[Packages("")], Check("node node_modules/typescript/bin/tsc --project tests/programs")),
    suite("optimize", "wasm", "optimizing the module keeps it WebAssembly 1.0",
        &[Packages("")], Tests(NodeTest, "node --test --test-reporter=tap xtask/node/optimize.test.mjs")),
    suite("bench-report", "docs", "the published pictures of the benches are drawn from the published figures",
        &[Packages("bench/report")], Tests(NodeTest, "node --test --test-reporter=tap bench/report/report.test.mjs")),
    suite("api-document", "docs", "js/docs/api.md is up to date with the declarations",
        &[Packages("")], Own(document)),
    suite("simulated-wx", "packed", "the simulated phone behaves like WeChat",
        &[], OnEveryEngine("simulator/phone/test/all.js")),
    suite("published", "packed", "npm, Node.js and TypeScript accept the package, and dist/ has the same one",
        &[Packages("tests/published")],
        Tests(NodeTest, "TARBALL={tarball} node --test --test-reporter=tap tests/published/published.test.mjs")),
    suite("built", "packed", "the package is small enough, and its build is reproducible",
        &[WasmTools, Packages("")], Own(built::run)),
    suite("package", "packed",
        "the packed package works on a simulated phone, and its plain script answers as its module does",
        &[], OnEveryEngine("tests/package/main.js --package {mini-program-with-plain-module} --core both")),
    suite("package-tt", "packed", "the package works in a mini program of Douyin's",
        &[], OnEveryEngine("tests/package/main.js --package {mini-program-with-plain-module} --host tt")),
    suite("package-chromium", "packed", "the package and its plain script work in a browser, too",
        &[Packages(""), Packages("tests/browser")],
        Tests(Plain,
            "CHROMIUM={chromium} node tests/browser/engine.mjs tests/package/main.js \
             --package {mini-program-with-plain-module} --core both")),
    suite("package-signed", "packed", "the package works the same with signed requests",
        &[], Tests(Plain, "node tests/package/main.js --package {mini-program-with-plain-module} --signed")),
    suite("browser", "packed", "the package works in a browser, by its host for browsers",
        &[Packages(""), Packages("tests/browser"), Program("nginx")],
        Tests(NodeTest,
            "CHROMIUM={chromium} TARBALL={tarball} API={api} WECHAT={wechat} SERVER={server} \
             node --test --test-reporter=tap tests/browser/browser.test.mjs")),
    suite("storms", "packed", "no rule of the package is broken in any of the storms",
        &[Packages("tests/storms")],
        Tests(Plain, "node tests/storms/main.js --package {mini-program-with-plain-module}")),
    suite("tutorial", "docs", "the package works with the tutorial's Express service",
        &[], Tests(Plain, "node tests/tutorial/test.js --package {mini-program-with-plain-module}")),
    suite("documents", "docs", "the code in the documents runs",
        &[Packages("tests/docs/code")],
        Tests(Plain, "node tests/docs/code/main.js --package {mini-program-with-plain-module}")),
    suite("site", "docs", "the documents' site has no dead link, its search works in both languages, and it fits a phone",
        &[Packages("tests/site")],
        Tests(Plain,
            "SITE_BASE={site-base} CHROMIUM={chromium} node tests/site/node_modules/@playwright/test/cli.js test \
             --config tests/site")),
    suite("own-users", "end-to-end",
        "the users of an old database sign in unchanged, by the examples' hooks in Express and PHP",
        &[Packages("examples/own-users/express"), Program("php"), Program("nginx")],
        Timed(Plain,
            "node tests/own-users/main.js --package {mini-program} --server {server} \
             --wechat {wechat}")),
    suite("old-clients", "end-to-end",
        "the clients of weapp-session, wafer 1 and wafer 2 work unchanged with the server behind the documented nginx",
        &[Packages("tests/old-clients"), Program("nginx")],
        Tests(Plain,
            "node tests/old-clients/main.js --package {mini-program-with-plain-module} --server {server} \
             --wechat {wechat}")),
    suite("drop-ins", "packed", "the drop-ins work with the old servers, like the clients they replace",
        &[Packages("tests/drop-ins")],
        Tests(Plain, "node tests/drop-ins/main.js --package {mini-program-with-plain-module}")),
    suite("server-packages", "end-to-end",
        "the server's archive, Debian package and container image have what they should, install, start, stop and are reproducible",
        &[Packages("tests/server-packages"), Program("lintian"), Program("skopeo"), Program("umoci"), Program("crun"),
            Program("systemd-analyze")],
        Tests(NodeTest,
            "PACKAGES={packages} AGAIN={packages-again} node --test --test-reporter=tap tests/server-packages/archive.test.mjs \
             tests/server-packages/debian.test.mjs tests/server-packages/image.test.mjs")),
    suite("demonstration", "end-to-end",
        "each scene of the demonstration takes the least number of sign-ins and requests",
        &[], Check("{demo} --no-build")),
    suite("programs", "end-to-end",
        "the examples and other mini programs, built by WeChat's tools, work with the server",
        &[Packages("tests/programs"), Program("faketime")],
        Tests(Plain,
            "node tests/programs/main.js --package {mini-program} --tarball {tarball} --scratch {target}/programs \
             --api {api} --wechat {wechat} --shop {shop} --server {server} --provider {provider}")),
    suite("page", "end-to-end", "everything on the demonstration's page works in a browser",
        &[Packages("tests/page"), Packages("bench/libraries")],
        Timed(Plain,
            "CHROMIUM={chromium} DEMO={demo} node tests/page/node_modules/@playwright/test/cli.js test \
             --config tests/page")),
    suite("frameworks", "end-to-end",
        "the examples for Taro, uni-app and weapp-vite, built by these frameworks, work with the server, in browsers too",
        &[Packages("examples/taro"), Packages("examples/uni-app"), Packages("examples/weapp-vite"),
            Packages("tests/browser"), Program("nginx")],
        Tests(Plain,
            "CHROMIUM={chromium} node tests/frameworks/main.js --tarball {tarball} --folder {target}/frameworks \
             --api {api} --wechat {wechat}")),
];

const fn suite(
    name: &'static str,
    group: &'static str,
    proves: &'static str,
    takes: &'static [Need],
    work: Work,
) -> Suite {
    Suite {
        name,
        group,
        proves,
        takes,
        work,
    }
}

fn document(stage: &Stage<'_>, report: &Report<'_>) {
    report.test("the document of the API", || {
        document::is_up_to_date(stage.project)
    });
}

impl Suite {
    /// Everything that must be there before the suite runs.
    pub(super) fn needs(&self) -> Vec<Need> {
        let (line, engines) = match self.work {
            Check(line) | Tests(_, line) | Timed(_, line) => (line, &[][..]),
            OnEveryEngine(line) => (line, engines::NEEDS),
            Own(_) => ("", &[][..]),
        };
        [self.takes, engines, &stage::needs(line)].concat()
    }
}
