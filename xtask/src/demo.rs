//! `cargo xtask demo`: the packed package, a simulated WeChat and the real server, counted.

mod service;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result};

use crate::miniprogram;
use crate::package;
use crate::process::succeed;
use crate::progress::{heading, step};
use crate::project::Project;
use crate::setup::{self, Need};
use service::Services;

/// The mini program that server and simulator both know, and its secret, which only the simulator accepts.
const APPID: &str = "wx5e55105e55105e55";
const SECRET: &str = "51a51a51a51a51a51a51a51a51a51a51";

/// Seconds without use after which the server lets a session go: short, so that it can be watched.
const IDLE_TIMEOUT: &str = "3";

/// Runs the demonstration. The exit code is that of the script, which fails if any count is not the least
/// possible.
///
/// # Errors
/// Something could not be set up, built or started.
pub(crate) fn run(project: &Project, serve: bool) -> Result<ExitCode> {
    setup::provide(project, Need::PACKAGE)?;
    let package = package::build(project)?;

    heading("Demonstration");
    let mut build = project.command("cargo");
    build.args([
        "build",
        "--package",
        "wxsession-server",
        "--package",
        "wxsession-simulator",
    ]);
    step("server and simulator: cargo build", || {
        succeed(project, "build-services", &mut build)
    })?;
    let program = miniprogram::install(project, &package, "demo")?;

    let services = Services::default();
    services.stop_on_signals()?;
    let wechat = start_simulator(project, &services)?;
    let api = start_server(project, &services, &wechat)?;
    println!("  WeChat's API: {wechat}\n  our server:   {api}\n");

    let code = play(project, &api, &wechat, &program)?;
    if serve && code == ExitCode::SUCCESS {
        invite(&api, &wechat);
        loop {
            thread::park();
        }
    }
    Ok(code)
}

fn start_simulator(project: &Project, services: &Services) -> Result<String> {
    let mut simulator = project.command(project.target("debug/wxsession-simulator"));
    simulator.args([
        "--listen",
        "127.0.0.1:0",
        "--appid",
        APPID,
        "--secret",
        SECRET,
    ]);
    services.start(project, "simulator", &mut simulator)
}

fn start_server(project: &Project, services: &Services, wechat: &str) -> Result<String> {
    let data = project.target("demo/data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
    }
    fs::create_dir_all(&data)?;
    let mut server = project.command(project.target("debug/wxsession-server"));
    server.args([
        "--listen",
        "127.0.0.1:0",
        "--appid",
        APPID,
        "--wechat-api",
        wechat,
    ]);
    server
        .args(["--idle-timeout", IDLE_TIMEOUT, "--data"])
        .arg(data)
        .env("WXSESSION_SECRET", SECRET);
    services.start(project, "server", &mut server)
}

fn play(project: &Project, api: &str, wechat: &str, program: &Path) -> Result<ExitCode> {
    let mut script = project.command("node");
    script
        .arg(project.path("xtask/demo/demo.js"))
        .args(["--api", api, "--wechat", wechat]);
    script
        .args(["--idle-timeout", IDLE_TIMEOUT, "--package"])
        .arg(program);
    let status = script.status().context("starting node")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn invite(api: &str, wechat: &str) {
    println!(
        "\nEverything runs until ctrl-c. To sign in and ask for something by hand:\n\n\
         code=$(curl -s {wechat}/simulator/login -H 'content-type: application/json' \\\n  \
           -d '{{\"appid\":\"{APPID}\",\"user\":\"me\"}}' | cut -d'\"' -f4)\n\
         id=$(curl -s \"{api}/wx/onlogin?code=$code\" | cut -d'\"' -f4)\n\
         curl -i {api}/wx/products/list -H \"sessionid: $id\""
    );
}
