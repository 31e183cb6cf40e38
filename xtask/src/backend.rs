//! The server together with the simulated WeChat.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Result;

use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;
use crate::services::Services;

/// The mini program that both know.
pub const APPID: &str = "wx5e55105e55105e55";
/// The secret of [`APPID`].
pub const SECRET: &str = "51a51a51a51a51a51a51a51a51a51a51";

/// A server with default settings, except for a store that leaves no files behind.
pub const IN_MEMORY: [&str; 2] = ["--store", "memory"];

/// The running server and simulator. They stop with the services that started them.
pub struct Backend {
    /// The server's URL.
    pub api: String,
    /// The simulated WeChat's URL.
    pub wechat: String,
}

/// Builds both, unoptimized: an optimized build takes twice as long, and the tests give them little to do.
///
/// # Errors
/// A program does not compile; the message has the compiler's output.
pub fn build(project: &Project) -> Result<()> {
    let mut build = project.command("cargo");
    build.args([
        "build",
        "--package",
        "wxsession-service",
        "--example",
        "tea",
    ]);
    build.args([
        "--package",
        "wxsession-simulator",
        "--bin",
        "wxsession-simulator",
    ]);
    step("server and simulator: cargo build", || {
        succeed(project, "build-backend", &mut build).map(drop)
    })
}

impl Backend {
    /// Starts the latest builds of both on free ports. `arguments` go to the server; without `--store` or `--data` the
    /// server keeps its sessions in the working folder.
    ///
    /// # Errors
    /// A program does not start; the message has its output.
    pub fn start<I>(project: &Project, services: &Services, server_arguments: I) -> Result<Self>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let wechat = start_simulator(project, services)?;
        let mut server = server(project, &wechat);
        server.args(server_arguments);
        let api = services.start(project, "server", &mut server)?.url;
        Ok(Self { api, wechat })
    }

    /// Starts a second server, which keeps sessions in memory for the default lifetimes.
    ///
    /// # Errors
    /// The server does not start; the message has its output.
    pub fn with_usual_sessions(self, project: &Project, services: &Services) -> Result<Self> {
        let api = self.another(project, services, "usual-server", IN_MEMORY)?;
        Ok(Self { api, ..self })
    }

    /// Starts another server with the same WeChat, whose output goes to a log of this name. Returns its URL.
    ///
    /// # Errors
    /// The server does not start; the message has its output.
    pub fn another<I>(
        &self,
        project: &Project,
        services: &Services,
        name: &str,
        server_arguments: I,
    ) -> Result<String>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let mut server = server(project, &self.wechat);
        server.args(server_arguments);
        Ok(services.start(project, name, &mut server)?.url)
    }
}

fn start_simulator(project: &Project, services: &Services) -> Result<String> {
    let mut simulator = project.command(project.program("wxsession-simulator"));
    simulator.args(["--listen", "127.0.0.1:0"]);
    simulator.args(["--appid", APPID, "--secret", SECRET]);
    Ok(services.start(project, "simulator", &mut simulator)?.url)
}

fn server(project: &Project, wechat: &str) -> Command {
    let mut server = project.command(project.program("examples/tea"));
    server.args(["--listen", "127.0.0.1:0", "--appid", APPID]);
    server.args(["--wechat-api", wechat]);
    server.env("WXSESSION_SECRET", SECRET);
    server
}
