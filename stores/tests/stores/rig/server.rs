//! One Redis server.

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::{FromRedisValue, RedisResult};

use super::until;

/// Settings with which a killed server keeps everything that it has acknowledged: the kernel has what the process wrote,
/// and only a dying machine would lose it.
pub(crate) const OUTLIVES_ITS_PROCESS: &str = "appendonly yes\nappendfsync no\n";

pub(crate) struct RedisServer {
    pub(crate) port: u16,
    process: Child,
    settings: String,
    folder: tempfile::TempDir,
    sentinel: bool,
}

impl RedisServer {
    /// A server with these lines in its configuration.
    pub(crate) async fn start(settings: &str) -> Self {
        Self::launch(settings, false).await
    }

    pub(crate) async fn start_sentinel(settings: &str) -> Self {
        Self::launch(settings, true).await
    }

    async fn launch(settings: &str, sentinel: bool) -> Self {
        loop {
            let port = free_port();
            let folder = tempfile::tempdir().unwrap();
            let settings = format!(
                "port {port}\nbind 127.0.0.1\nsave \"\"\nlogfile log\ncluster-port {}\n{settings}",
                free_port()
            );
            let process = spawn(&settings, folder.path(), sentinel);
            let mut server = Self {
                port,
                process,
                settings,
                folder,
                sentinel,
            };
            // Another process may have taken the port by now.
            if server.comes_up().await {
                return server;
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends a command, typed as in a terminal, and returns the answer.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &str) -> RedisResult<T> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(5)))
            .set_response_timeout(Some(Duration::from_secs(5)));
        let client = redis::Client::open(self.url())?;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut words = command.split_whitespace();
        let mut command = redis::cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>());
        command.query_async(&mut connection).await
    }

    /// Sends a command that must succeed.
    pub(crate) async fn tell(&self, command: &str) {
        let answer = self.ask::<redis::Value>(command).await;
        assert!(answer.is_ok(), "{command}: {answer:?}");
    }

    /// The value of a line of `INFO`, or `None` if the server does not answer.
    pub(crate) async fn info(&self, name: &str) -> String {
        let text: String = self.ask("INFO everything").await.unwrap_or_default();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().to_owned()
    }

    /// Freezes the server with its connections open.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Restarts the server after [`kill`](Self::kill) at the same address, and does not wait for it.
    pub(crate) fn restart(&mut self) {
        self.process = spawn(&self.settings, self.folder.path(), self.sentinel);
    }

    async fn comes_up(&mut self) -> bool {
        loop {
            let answer = self.ask::<String>("PING").await;
            // A server that asks for a password is up, too.
            if answer.is_ok() || answer.is_err_and(|error| !error.is_io_error()) {
                return self.process.try_wait().unwrap().is_none();
            }
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args([signal, &process]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the replica has everything that was written to its primary so far.
pub(crate) async fn until_replicated(primary: &RedisServer, replica: &RedisServer) {
    let offset = async |server: &RedisServer| -> u64 {
        server.info("master_repl_offset").await.parse().unwrap()
    };
    let told = offset(primary).await;
    until("the replica has it all", || async {
        offset(replica).await >= told
    })
    .await;
}

/// Waits until the replica follows its primary.
pub(crate) async fn until_replicating(replica: &RedisServer) {
    until("the replica follows", || async {
        replica.info("master_link_status").await == "up"
    })
    .await;
}

/// Waits until it takes swaps itself. (What a replica takes over from its primary are no scripts.)
pub(crate) async fn until_written_to(server: &RedisServer) {
    until("it takes swaps", || async {
        !server.info("cmdstat_evalsha").await.is_empty()
    })
    .await;
}

fn spawn(settings: &str, folder: &Path, sentinel: bool) -> Child {
    let file = folder.join("redis.conf");
    // A sentinel keeps its state in its configuration file, where it finds it after a restart.
    if !file.exists() {
        fs::write(&file, settings).unwrap();
    }
    let mut command = Command::new("redis-server");
    command
        .arg(file)
        .args(sentinel.then_some("--sentinel"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match command.spawn() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!(
                "redis-server is not installed; type `cargo xtask setup`, or `sudo apt-get install redis-server`"
            )
        }
        spawned => spawned.unwrap(),
    }
}

/// A free port below those of outgoing connections, so that it is still free when a server restarts.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(20_000..32_000);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
