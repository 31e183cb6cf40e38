//! Our server, and a simulated WeChat for it to ask.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;
use crate::services::Services;

/// The mini program that both know, and its secret, which only the simulator accepts.
pub(crate) const APPID: &str = "wx5e55105e55105e55";
pub(crate) const SECRET: &str = "51a51a51a51a51a51a51a51a51a51a51";

/// Seconds without use after which the demonstration's server lets a session go: short, so that it can be watched.
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
        let data = project.target("backend-data");
        if data.exists() {
            fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
        }
        let mut server = server(project, &wechat);
        server.args(["--idle-timeout", IDLE_TIMEOUT]);
        server.arg("--data").arg(data);
        let api = services.start(project, "server", &mut server)?.url;
        Ok(Self {
            api,
            wechat,
            services,
        })
    }

    /// Goes on with one more server, whose sessions last as long as they do by default.
    ///
    /// # Errors
    /// It does not start; the message has what it printed.
    pub(crate) fn with_usual_sessions(self, project: &Project) -> Result<Self> {
        let mut server = server(project, &self.wechat);
        server.args(["--store", "memory"]);
        let api = self
            .services
            .start(project, "usual-server", &mut server)?
            .url;
        Ok(Self { api, ..self })
    }
}

fn start_simulator(project: &Project, services: &Services) -> Result<String> {
    let mut simulator = project.command(project.target("debug/wxsession-simulator"));
    simulator.args(["--listen", "127.0.0.1:0"]);
    simulator.args(["--appid", APPID, "--secret", SECRET]);
    Ok(services.start(project, "simulator", &mut simulator)?.url)
}

fn server(project: &Project, wechat: &str) -> Command {
    let mut server = project.command(project.target("debug/wxsession-server"));
    server.args(["--listen", "127.0.0.1:0", "--appid", APPID]);
    server.args(["--wechat-api", wechat]);
    server.env("WXSESSION_SECRET", SECRET);
    server
}
