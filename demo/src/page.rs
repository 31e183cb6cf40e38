//! The page of `cargo xtask demo --serve`: the packed package on a phone in the browser, and behind it a server that can
//! be watched.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result};
use xtask::miniprogram;
use xtask::package::Package;
use xtask::process::{build_program, succeed};
use xtask::progress::step;
use xtask::project::Project;
use xtask::services::Services;
use xtask::setup::Need;

/// The mini program on the phone.
const PROGRAM: &str = "demo/miniprogram";

/// The libraries that race beside ours, by the names of their set-ups in `bench/libraries/`.
const RIVALS: [&str; 2] = ["alova", "luch-request"];

/// Where those set-ups are bundled from.
pub(super) const NEEDED: Need = Need::Packages("bench/libraries");

/// The document with the client that most tutorials have, which races too.
const TUTORIAL: &str = "js/docs/moving-from-wx-request.md";

/// The page's files.
const SITE: &str = "demo/page/site";

/// The page's server.
const SERVER: &str = "wxsession-demo-page";

/// Builds the page's server.
///
/// # Errors
/// The server does not compile; the message has the compiler's output.
pub(super) fn build(project: &Project) -> Result<()> {
    build_program(project, SERVER).map(drop)
}

/// Notices at once that the page cannot be served there.
///
/// # Errors
/// The address is taken, or is not this machine's; the message names the remedy.
pub(super) fn check_address(listen: Option<SocketAddr>) -> Result<()> {
    let Some(address) = listen else {
        return Ok(());
    };
    TcpListener::bind(address)
        .map(drop)
        .with_context(|| format!("cannot listen on {address}: choose another with --listen"))
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
    let program = install(project, package, "page")?;
    start(project, &program, services, listen)
}

/// Starts the page's server with an installed mini program.
fn start(
    project: &Project,
    program: &Path,
    services: &Services,
    listen: Option<SocketAddr>,
) -> Result<String> {
    let mut page = project.command(project.program(SERVER));
    if let Some(address) = listen {
        page.arg("--listen").arg(address.to_string());
    }
    page.arg("--site").arg(project.path(SITE));
    page.arg("--simulator").arg(project.path("simulator/phone"));
    page.arg("--program").arg(program);
    Ok(services.start(project, "page", &mut page)?.url)
}

/// Writes the page as files that replay recorded scenes without a server. `address` is where they will be.
///
/// # Errors
/// A scene fails, or the folder cannot be written; the message says which.
pub(super) fn record(
    project: &Project,
    package: &Package,
    services: &Services,
    into: &Path,
    address: Option<&str>,
) -> Result<()> {
    let program = install(project, package, "page-recorded")?;
    let url = start(project, &program, services, None)?;
    let mut record = project.command("node");
    record.arg("demo/page/record.js").args(["--url", &url]);
    record.arg("--site").arg(project.path(SITE));
    record.arg("--program").arg(program);
    record.arg("--into").arg(path::absolute(into)?);
    if let Some(address) = address {
        record.args(["--address", address]);
    }
    step("the scenes: played and recorded", || {
        succeed(project, "record", &mut record).map(drop)
    })
}

/// Installs the mini program, with the package and with the clients that race beside it.
fn install(project: &Project, package: &Package, name: &str) -> Result<PathBuf> {
    let program = miniprogram::install(project, &package.tarball, name)?;
    for file in fs::read_dir(project.path(PROGRAM)).context("reading the page's mini program")? {
        let file = file?;
        fs::copy(file.path(), program.join(file.file_name()))?;
    }
    // Over plain HTTP from another machine, browsers do not ask for Brotli.
    let plain = miniprogram::package_in(&program).join("wxsession.wasm");
    fs::copy(&package.module, plain)?;

    let libraries = program.join("libraries");
    let mut bundle = project.command("node");
    bundle.arg("bench/scripts/bundle.mjs").arg(&libraries);
    succeed(project, "bundle-rivals", bundle.args(RIVALS))?;
    hand_write(&project.path(TUTORIAL), &libraries.join("before.js"))?;
    let set_up = "hand-written.js";
    fs::rename(program.join(set_up), libraries.join(set_up))?;
    Ok(program)
}

/// Writes the client of a document as a module that makes one for a server's address.
fn hand_write(document: &Path, module: &Path) -> Result<()> {
    let text =
        fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
    let client = client_in(&text).with_context(|| {
        format!(
            "{} has no block of code that begins with {FIRST_LINE} and declares BASE",
            document.display()
        )
    })?;
    let made = format!(
        "module.exports = (BASE) => {{\nconst module = {{ exports: {{}} }}\n{client}\nreturn module.exports\n}}\n"
    );
    Ok(fs::write(module, made)?)
}

/// The first line of the client in the document.
const FIRST_LINE: &str = "// request.js, before";

/// The code without the line that says where the server is.
fn client_in(text: &str) -> Option<String> {
    let (_, code) = text.split_once(&format!("```js\n{FIRST_LINE}\n"))?;
    let (code, _) = code.split_once("```")?;
    let (base, rest): (Vec<_>, Vec<_>) = code
        .lines()
        .partition(|line| line.starts_with("const BASE = "));
    (base.len() == 1).then(|| rest.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_taken_is_refused_with_the_remedy() -> Result<()> {
        let taken = TcpListener::bind("127.0.0.1:0")?;
        let refused = check_address(Some(taken.local_addr()?));
        let message = refused.err().map(|error| error.to_string());
        assert!(message.is_some_and(|message| message.contains("--listen")));
        check_address(None)
    }

    #[test]
    fn the_client_of_the_document_is_the_code_without_its_address() {
        let document = "# Before\n\n```js\n// request.js, before\nconst BASE = 'https://api.example.com'\n\nsend(BASE)\n```\n";
        assert_eq!(client_in(document).as_deref(), Some("\nsend(BASE)"));
        assert_eq!(client_in("```js\n// request.js, before\nsend()\n```"), None);
        assert_eq!(client_in("none"), None);
    }
}
