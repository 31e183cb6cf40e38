//! Two servers with accounts on one Redis, each of which can be killed and paused.

use std::path::Path;
use std::process::{Command, Stdio};

use wxsession_simulator::FakeWeChat;
use wxsession_stores::make_ring;

use crate::PATIENT;
use crate::common::{Server, simulator};
use crate::phone::Phone;
use crate::program::{Running, program};
use crate::rig::{OUTLIVES_ITS_PROCESS, RedisServer, until};

/// Two servers, and the Redis that they share.
pub(crate) struct Pair {
    pub(crate) redis: RedisServer,
    running: [Running; 2],
    settings: &'static [&'static str],
    folder: tempfile::TempDir,
    wechat: (FakeWeChat, String),
}

impl Pair {
    /// Starts them.
    pub(crate) async fn start() -> Self {
        Self::start_on(RedisServer::start("").await, &PATIENT).await
    }

    /// Starts them on a Redis that may be disturbed, and that outlives it.
    pub(crate) async fn start_to_be_disturbed() -> Self {
        Self::start_on(RedisServer::start(OUTLIVES_ITS_PROCESS).await, &[]).await
    }

    async fn start_on(redis: RedisServer, settings: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (wechat, api) = simulator().await;
        let start = || {
            let mut command = on_redis(folder.path(), &redis);
            command.args(settings);
            Running::launch(command, folder.path(), &wechat, &api)
        };
        Self {
            running: [start(), start()],
            settings,
            redis,
            folder,
            wechat: (wechat, api),
        }
    }

    pub(crate) fn server(&self, place: usize) -> &Server {
        &self.running[place].server
    }

    /// Kills one of the servers, and starts it again at another address.
    pub(crate) fn kill_and_restart(&mut self, place: usize) {
        self.running[place]
            .process
            .as_mut()
            .unwrap()
            .kill()
            .unwrap();
        let mut command = on_redis(self.folder.path(), &self.redis);
        command.args(self.settings);
        let (wechat, api) = &self.wechat;
        self.running[place] = Running::launch(command, self.folder.path(), wechat, api);
    }

    /// Lets one of the servers do nothing, with its connections open.
    pub(crate) fn pause(&self, place: usize) {
        self.running[place].signal("-STOP");
    }

    pub(crate) fn resume(&self, place: usize) {
        self.running[place].signal("-CONT");
    }

    /// Waits until users can sign in at both.
    pub(crate) async fn until_serving(&self) {
        for place in 0..2 {
            let anybody = Phone::of(self.server(place), "anybody");
            until("users can sign in", || {
                let mut anybody = anybody.clone();
                async move { anybody.silently().await == "guest" }
            })
            .await;
        }
    }

    /// Every key and value.
    pub(crate) async fn dump(&self) -> Vec<Vec<u8>> {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut keys = redis::cmd("KEYS");
        let keys = keys.arg("*").query_async(&mut connection);
        let mut dump: Vec<Vec<u8>> = keys.await.unwrap();
        for key in dump.clone() {
            let mut value = redis::cmd("GET");
            let value = value.arg(key).query_async(&mut connection);
            dump.push(value.await.unwrap());
        }
        dump
    }
}

/// The program with accounts on this Redis, and its key ring in this folder.
pub(crate) fn on_redis(folder: &Path, redis: &RedisServer) -> Command {
    let ring = folder.join("keyring");
    if !ring.exists() {
        make_ring(&ring).unwrap();
    }
    let mut command = program();
    command
        .args(["--accounts", "built-in", "--store", "redis", "--keyring"])
        .arg(&ring)
        .args(["--sign-in-rate", "0"])
        .env("WXSESSION_REDIS", redis.url())
        // Nobody reads it.
        .stderr(Stdio::null());
    command
}
