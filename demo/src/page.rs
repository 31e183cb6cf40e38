//! The page of `cargo xtask demo --serve`: the packed package on a phone in the browser, and behind it a server that can
//! be watched.

use std::fs;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use xtask::miniprogram;
use xtask::package::Package;
use xtask::process::build_program;
use xtask::project::Project;
use xtask::services::Services;

/// The mini program on the phone.
const PROGRAM: &str = "demo/miniprogram";

/// The page's server.
const SERVER: &str = "wxsession-demo-page";

/// Builds the page's server.
///
/// # Errors
/// The server does not compile; the message has the compiler's output.
pub(super) fn build(project: &Project) -> Result<()> {
    build_program(project, SERVER).map(drop)
}

/// Starts the page's server as it was built last, and returns the page's address. By default the server listens on a free
/// port that only this machine reaches.
///
/// # Errors
/// The server does not start; the message has its output.
pub(super) fn serve(
    project: &Project,
    package: &Package,
    services: &Services,
    listen: Option<SocketAddr>,
) -> Result<String> {
    let program = miniprogram::install(project, &package.tarball, "page")?;
    for file in fs::read_dir(project.path(PROGRAM)).context("reading the page's mini program")? {
        let file = file?;
        fs::copy(file.path(), program.join(file.file_name()))?;
    }
    // Over plain HTTP from another machine, browsers do not ask for Brotli.
    let plain = miniprogram::package_in(&program).join("wxsession.wasm");
    fs::copy(&package.module, plain)?;

    let mut page = project.command(project.program(SERVER));
    if let Some(address) = listen {
        page.arg("--listen").arg(address.to_string());
    }
    page.arg("--site").arg(project.path("demo/page/site"));
    page.arg("--simulator").arg(project.path("simulator/phone"));
    page.arg("--program").arg(program);
    Ok(services.start(project, "page", &mut page)?.url)
}
