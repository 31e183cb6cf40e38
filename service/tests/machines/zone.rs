//! What runs in one zone: a server, and two nodes of the Redis cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use wxsession_simulator::App;

use crate::network::Machine;
use crate::rig::until;

/// The ports of the two nodes: after `create`, a primary and the replica of another zone's primary.
pub(crate) const NODES: [u16; 2] = [6379, 6380];
const PORT: u16 = 8080;

pub(crate) struct Zone {
    pub(crate) machine: Machine,
    nodes: Vec<Child>,
    server: Option<Child>,
    folder: tempfile::TempDir,
}

/// What all servers have in common.
pub(crate) struct Common {
    pub(crate) keyring: PathBuf,
    pub(crate) redis: String,
    /// The address of WeChat's API.
    pub(crate) wechat: String,
    pub(crate) http: Client,
}

impl Zone {
    /// A zone with its nodes of Redis, and no server yet.
    pub(crate) fn new(number: u8) -> Self {
        let machine = Machine::plug_in(number);
        let folder = tempfile::tempdir().unwrap();
        let nodes = NODES.map(|port| {
            let node = folder.path().join(port.to_string());
            fs::create_dir(&node).unwrap();
            let settings = format!(
                "port {port}\nbind {} 127.0.0.1\nprotected-mode no\nsave \"\"\nappendonly yes\nappendfsync no\n\
                 logfile log\ncluster-enabled yes\ncluster-node-timeout 1000\ncluster-require-full-coverage no\n\
                 repl-diskless-sync-delay 0\nmaxmemory-policy noeviction\n",
                machine.address
            );
            fs::write(node.join("redis.conf"), settings).unwrap();
            spawn(machine.command("redis-server").arg("redis.conf").current_dir(&node))
        });
        Self {
            machine,
            nodes: nodes.into(),
            server: None,
            folder,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}:{PORT}", self.machine.address)
    }

    /// Starts this program, and waits until it is ready.
    pub(crate) async fn serve(&mut self, program: &Path, common: &Common) {
        let app = App::simulated();
        let mut command = self.machine.command(program);
        command
            .args(["--store", "redis", "--sign-in-rate", "0"])
            .args(["--appid", &app.appid, "--wechat-api", &common.wechat])
            .args(["--listen", &format!("{}:{PORT}", self.machine.address)])
            .arg("--keyring")
            .arg(&common.keyring)
            .arg("--data")
            .arg(self.folder.path())
            .env("WXSESSION_SECRET", app.secret)
            .env("WXSESSION_REDIS", &common.redis);
        self.server = Some(spawn(&mut command));
        self.until_ready(common).await;
    }

    pub(crate) async fn until_ready(&self, common: &Common) {
        let url = format!("{}/readyz", self.url());
        until("the server is ready", || async {
            let answer = common.http.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// Asks the server to stop, as an operating system does, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        let id = server.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        until("the server has stopped", || {
            let ended = server.try_wait().unwrap();
            async move {
                ended.is_some_and(|status| {
                    assert!(status.success(), "{status}");
                    true
                })
            }
        })
        .await;
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        for process in self.nodes.iter_mut().chain(&mut self.server) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn spawn(command: &mut Command) -> Child {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().expect("this test needs ip of iproute2")
}
