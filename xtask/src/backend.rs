//! Our server, and a simulated WeChat for it to ask.

use std::fs;

use anyhow::{Context, Result};

use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;
use crate::services::Services;

/// The mini program that both know, and its secret, which only the simulator accepts.
pub(crate) const APPID: &str = "wx5e55105e55105e55";
pub(crate) const SECRET: &str = "51a51a51a51a51a51a51a51a51a51a51";

/// Seconds without use after which the server lets a session go: short, so that it can be watched.
pub(crate) const IDLE_TIMEOUT: &str = "3";

/// Both of them, running until this goes.
pub(crate) struct Backend {
    /// Our server's URL.
    pub(crate) api: String,
    /// The simulated WeChat's URL.
    pub(crate) wechat: String,
    /// What else is to end with them starts here.
    pub(crate) services: Services,
}

impl Backend {
    /// Builds both and starts them on free ports, with a data folder made anew.
    ///
    /// # Errors
    /// One does not compile or start; the message has what it printed.
    pub(crate) fn start(project: &Project) -> Result<Self> {
        // Not optimized, because that takes twice as long and they have little to do here.
        let mut build = project.command("cargo");
        build.args(["build", "--package", "wxsession-server"]);
        build.args(["--package", "wxsession-simulator"]);
        step("server and simulator: cargo build", || {
            succeed(project, "build-backend", &mut build)
        })?;
        let services = Services::default();
        services.stop_on_signals()?;
        let wechat = start_simulator(project, &services)?;
        let api = start_server(project, &services, &wechat)?;
        Ok(Self {
            api,
            wechat,
            services,
        })
    }
}

fn start_simulator(project: &Project, services: &Services) -> Result<String> {
    let mut simulator = project.command(project.target("debug/wxsession-simulator"));
    simulator.args(["--listen", "127.0.0.1:0"]);
    simulator.args(["--appid", APPID, "--secret", SECRET]);
    Ok(services.start(project, "simulator", &mut simulator)?.url)
}

fn start_server(project: &Project, services: &Services, wechat: &str) -> Result<String> {
    let data = project.target("backend-data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
    }
    let mut server = project.command(project.target("debug/wxsession-server"));
    server.args(["--listen", "127.0.0.1:0", "--appid", APPID]);
    server.args(["--wechat-api", wechat]);
    server.args(["--idle-timeout", IDLE_TIMEOUT]);
    server.arg("--data").arg(data);
    server.env("WXSESSION_SECRET", SECRET);
    Ok(services.start(project, "server", &mut server)?.url)
}
