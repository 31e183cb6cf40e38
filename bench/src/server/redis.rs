//! A Redis of the bench's own, on a free port, that writes nothing to disk unless it is asked to.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::usage::Process;
use xtask::process::{answer, succeed};
use xtask::project::Project;
use xtask::services::Services;

/// What it prints once it serves.
const READY: &str = "Ready to accept connections";

/// Redis, running.
pub(super) struct Redis {
    name: &'static str,
    port: u16,
    folder: PathBuf,
    pub(super) process: Process,
}

impl Redis {
    /// Starts it, empty; its folder and its log have the name.
    ///
    /// # Errors
    /// It does not start; what it printed is in the message.
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
        // Free at this moment, which Redis cannot find out itself.
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

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it anew, after it was killed, with what it saved.
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

    /// Has a command done.
    ///
    /// # Errors
    /// It is refused, or Redis does not answer.
    pub(super) fn command(&self, project: &Project, words: &[&str]) -> Result<String> {
        let mut command = project.command("redis-cli");
        command
            .args(["-e", "-p", &self.port.to_string()])
            .args(words);
        succeed(project, "bench-redis-cli", &mut command)
    }

    /// How much memory its data takes, in bytes.
    ///
    /// # Errors
    /// It does not tell.
    pub(super) fn used_bytes(&self, project: &Project) -> Result<u64> {
        let told = self.command(project, &["INFO", "memory"])?;
        let used = told
            .lines()
            .find_map(|line| line.strip_prefix("used_memory:"));
        let used = used.context("Redis does not tell what memory it uses")?;
        Ok(used.trim().parse()?)
    }

    /// Sends its process a signal.
    ///
    /// # Errors
    /// There is no such process any more.
    pub(super) fn signal(&self, project: &Project, signal: &str) -> Result<()> {
        let mut kill = project.command("kill");
        kill.args(["-s", signal, &self.process.id.to_string()]);
        ensure!(answer(&mut kill).is_some(), "Redis has ended");
        Ok(())
    }

    /// Its version.
    pub(super) fn version(project: &Project) -> String {
        let told = answer(project.command("redis-server").arg("--version")).unwrap_or_default();
        let version = told.split(' ').find_map(|word| word.strip_prefix("v="));
        format!("Redis {}", version.unwrap_or_default())
    }
}
