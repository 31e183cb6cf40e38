//! The bench's own Redis, on a free port. It writes nothing to disk unless told to.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use xtask::process::{answer, succeed};
use xtask::project::Project;
use xtask::services::Services;

use super::usage::Process;

/// What Redis prints once it serves.
const READY: &str = "Ready to accept connections";

/// A running Redis.
pub(super) struct Redis {
    name: &'static str,
    port: u16,
    folder: PathBuf,
    pub(super) process: Process,
}

impl Redis {
    /// Starts Redis empty, with a folder and a log of this name.
    ///
    /// # Errors
    /// Redis does not start; the message has its output.
    pub(super) fn start(
        project: &Project,
        services: &Services,
        name: &'static str,
    ) -> Result<Self> {
        let folder = project.target("bench").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        // Redis cannot pick a free port itself.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut redis = Self {
            name,
            port,
            folder,
            process: Process { id: 0 },
        };
        redis.launch(project, services)?;
        Ok(redis)
    }

    /// The URL.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts Redis again after it was killed, with the data that it saved.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub(super) fn launch(&mut self, project: &Project, services: &Services) -> Result<()> {
        let mut command = project.command("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no"]);
        command.arg("--dir").arg(&self.folder);
        let ready = |printed: &str| printed.contains(READY).then_some(());
        let (id, ()) = services.start_until(project, self.name, &mut command, ready)?;
        self.process = Process { id };
        Ok(())
    }

    /// Runs a command.
    ///
    /// # Errors
    /// Redis refuses the command or does not answer.
    pub(super) fn command(&self, project: &Project, words: &[&str]) -> Result<String> {
        let mut command = project.command("redis-cli");
        command
            .args(["-e", "-p", &self.port.to_string()])
            .args(words);
        succeed(project, "bench-redis-cli", &mut command)
    }

    /// The memory of the data, in bytes.
    ///
    /// # Errors
    /// Redis does not tell.
    pub(super) fn used_bytes(&self, project: &Project) -> Result<u64> {
        let told = self.command(project, &["INFO", "memory"])?;
        let used = told
            .lines()
            .find_map(|line| line.strip_prefix("used_memory:"));
        let used = used.context("Redis does not tell how much memory it uses")?;
        Ok(used.trim().parse()?)
    }

    /// Sends the process a signal.
    ///
    /// # Errors
    /// The process has ended.
    pub(super) fn signal(&self, project: &Project, signal: &str) -> Result<()> {
        let mut kill = project.command("kill");
        kill.args(["-s", signal, &self.process.id.to_string()]);
        ensure!(answer(&mut kill).is_some(), "Redis has ended");
        Ok(())
    }

    /// The installed version.
    pub(super) fn version(project: &Project) -> String {
        let told = answer(project.command("redis-server").arg("--version")).unwrap_or_default();
        let version = told.split(' ').find_map(|word| word.strip_prefix("v="));
        format!("Redis {}", version.unwrap_or_default())
    }
}
