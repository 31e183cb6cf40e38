//! `cargo xtask demo`: the packed package, a simulated WeChat and the real server, counted.

pub(crate) mod page;

use std::net::SocketAddr;
use std::process::{Command, ExitCode};
use std::thread;

use anyhow::{Context, Result};

use crate::backend::{APPID, Backend, IDLE_TIMEOUT};
use crate::miniprogram;
use crate::package::{self, Package};
use crate::progress::heading;
use crate::project::Project;
use crate::setup::{self, Need};

/// What stays when the scenes are over.
pub(crate) struct Serve {
    /// Where the page listens; by default where only this machine reaches it.
    pub(crate) listen: Option<SocketAddr>,
}

/// Runs the demonstration. The exit code is that of the script, which fails if any count is not the
/// least possible.
///
/// # Errors
/// Something could not be set up, built or started.
pub(crate) fn run(project: &Project, serve: Option<Serve>) -> Result<ExitCode> {
    setup::provide(project, Need::PACKAGE)?;
    let package = package::build(project)?;

    heading("Demonstration");
    let backend = Backend::start(project)?;
    println!(
        "  WeChat's API: {}\n  our server:   {}\n",
        backend.wechat, backend.api
    );
    let played = script(project, &package, &backend)?
        .status()
        .context("starting node")?;
    if !played.success() {
        return Ok(ExitCode::FAILURE);
    }
    if let Some(Serve { listen }) = serve {
        heading("The page to see it work");
        let backend = backend.with_usual_sessions(project)?;
        let page = page::serve(project, &package, &backend.services, listen)?;
        invite(&page, &backend);
        loop {
            thread::park();
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The script that plays the scenes, with a mini program of its own.
///
/// # Errors
/// The package cannot be installed in that mini program.
pub(crate) fn script(project: &Project, package: &Package, backend: &Backend) -> Result<Command> {
    let program = miniprogram::install(project, package, "demo")?;
    let mut script = project.command("node");
    script
        .arg("xtask/demo/demo.js")
        .arg("--package")
        .arg(program);
    script.args(["--api", &backend.api, "--wechat", &backend.wechat]);
    script.args(["--idle-timeout", IDLE_TIMEOUT]);
    Ok(script)
}

fn invite(page: &str, backend: &Backend) {
    let Backend { api, wechat, .. } = backend;
    println!(
        "\n  Open {page}\n\n\
         Everything runs until ctrl-c. To sign in and ask for something by hand:\n\n\
         code=$(curl -s {wechat}/simulator/login -H 'content-type: application/json' \\\n  \
           -d '{{\"appid\":\"{APPID}\",\"user\":\"me\"}}' | cut -d'\"' -f4)\n\
         id=$(curl -s \"{api}/wx/onlogin?code=$code\" | cut -d'\"' -f4)\n\
         curl -i {api}/wx/products/list -H \"sessionid: $id\""
    );
}
