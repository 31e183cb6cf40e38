//! Three zones, each with a server and a part of a Redis cluster, behind nginx as the documentation configures it: an
//! upgrade under load, and a zone that is cut off.

#![cfg(target_os = "linux")] // A machine is a network namespace.
#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

// Shared with the tests over HTTP; these tests need only a part.
#[allow(dead_code)]
#[path = "../http/common.rs"]
mod common;
#[allow(dead_code)]
#[path = "../faults/load.rs"]
mod load;
mod network;
#[path = "../http/proxy.rs"]
mod proxy;
// Shared with the tests of the stores: the Redis servers.
#[path = "../../../stores/tests/stores/rig/mod.rs"]
mod rig;
mod zone;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use wxsession_simulator::{App, FakeWeChat};
use wxsession_stores::make_ring;

use crate::common::{Server, client_of_the_server};
use crate::load::Load;
use crate::network::GATEWAY;
use crate::proxy::{Nginx, first_answer, first_block};
use crate::rig::until;
use crate::zone::{Common, NODES, Zone};

const DOCUMENTATION: &str = include_str!("../../docs/zones.md");
/// For how long nginx leaves out a server that did not answer, as the documentation sets it.
const FAIL_TIMEOUT: Duration = Duration::from_secs(2);
/// An earlier program from which the upgrade begins. Otherwise the upgrade is to the same version.
const EARLIER: &str = "WXSESSION_TEST_EARLIER_SERVER";

struct World {
    zones: Vec<Zone>,
    common: Common,
    /// All servers, behind nginx.
    front: Server,
    _nginx: Nginx,
    _folder: tempfile::TempDir,
}

impl World {
    async fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = folder.path().join("keyring");
        make_ring(&keyring).unwrap();
        let wechat = FakeWeChat::new([App::simulated()]);
        let gateway = SocketAddr::from((GATEWAY, 0));
        let (api, _serving) = wxsession_simulator::serve_on(wechat.clone(), gateway)
            .await
            .unwrap();
        let mut zones: Vec<_> = [11, 12, 13].map(Zone::new).into();
        let first = zones.iter().map(|zone| (zone.machine.address, NODES[0]));
        let common = Common {
            keyring,
            redis: format!("redis-cluster://{}", listed(first, ",")),
            wechat: api,
            http: client_of_the_server(),
        };
        join(&zones).await;
        for zone in &mut zones {
            zone.serve(program, &common).await;
        }
        let port = proxy::free_port().await;
        let live = "/etc/letsencrypt/live/api.example.com";
        let addresses = ["10.0.1.10", "10.0.2.10", "10.0.3.10"];
        let mut replaced: Vec<_> = addresses
            .into_iter()
            .zip(&zones)
            .map(|(documented, zone)| (documented, zone.machine.address.to_string()))
            .collect();
        // Certificates are the matter of another test.
        replaced.push(("listen 443 ssl;", format!("listen 127.0.0.1:{port};")));
        replaced.push((live, folder.path().to_str().unwrap().to_owned()));
        let nginx = Nginx::start(&without_tls(&first_block(
            DOCUMENTATION,
            "nginx",
            &replaced,
        )));
        let front = Server {
            url: format!("http://127.0.0.1:{port}"),
            wechat,
            http: common.http.clone(),
        };
        first_answer(front.get("/wx/session")).await;
        Self {
            zones,
            common,
            front,
            _nginx: nginx,
            _folder: folder,
        }
    }

    /// Until the replicas have everything that is acknowledged.
    async fn until_replicated(&self) {
        for zone in &self.zones {
            for port in NODES {
                let address = zone.machine.address;
                until("the replicas have it all", || async move {
                    let text = redis_cli(address, port, &["INFO", "replication"]);
                    let offset = |name: &str| {
                        let (_, after) = text.split_once(name)?;
                        after.split(['\r', ',']).next()?.parse::<u64>().ok()
                    };
                    !text.contains("role:master")
                        || offset("offset=") == offset("master_repl_offset:")
                })
                .await;
            }
        }
    }
}

/// Makes one cluster of the nodes, whose replicas are in another zone than their primaries.
async fn join(zones: &[Zone]) {
    let on_each = |port| {
        zones
            .iter()
            .map(move |zone: &Zone| (zone.machine.address, port))
    };
    let nodes = NODES.into_iter().flat_map(on_each);
    for (address, port) in nodes.clone() {
        until("Redis listens", || async move {
            redis_cli(address, port, &["PING"]).contains("PONG")
        })
        .await;
    }
    let created = Command::new("redis-cli")
        .args(["--cluster", "create"])
        .args(listed(nodes.clone(), " ").split(' '))
        .args(["--cluster-replicas", "1", "--cluster-yes"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&created.stdout);
    assert!(said.contains("All 16384 slots covered"), "{said}");
    for (address, port) in nodes {
        until("the cluster is whole", || async move {
            let state = redis_cli(address, port, &["CLUSTER", "INFO"]);
            let nodes = redis_cli(address, port, &["CLUSTER", "NODES"]);
            state.contains("cluster_state:ok") && nodes.matches("slave").count() == zones.len()
        })
        .await;
    }
}

fn redis_cli(address: Ipv4Addr, port: u16, words: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .args(["-h", &address.to_string(), "-p", &port.to_string()])
        .args(words)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn listed(nodes: impl Iterator<Item = (Ipv4Addr, u16)>, separator: &str) -> String {
    let nodes: Vec<_> = nodes
        .map(|(address, port)| format!("{address}:{port}"))
        .collect();
    nodes.join(separator)
}

fn without_tls(server: &str) -> String {
    let lines = server
        .lines()
        .filter(|line| !line.trim_start().starts_with("ssl_"));
    lines.collect::<Vec<_>>().join("\n")
}

fn this_program() -> PathBuf {
    env!("CARGO_BIN_EXE_wxsession-server").into()
}

#[test]
fn an_upgrade_under_load_and_the_loss_of_a_zone_end_no_session() {
    if !network::enter("an_upgrade_under_load_and_the_loss_of_a_zone_end_no_session") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let earlier = std::env::var_os(EARLIER).map_or_else(this_program, PathBuf::from);
        let mut world = World::start(&earlier).await;

        // One server after the other is replaced, while phones sign in and out.
        let load = Load::start(&world.front);
        load.goes_on().await;
        for zone in &mut world.zones {
            zone.stop().await;
            load.goes_on().await;
            zone.serve(&this_program(), &world.common).await;
            // The documentation says to wait this long, until nginx uses the server again.
            tokio::time::sleep(FAIL_TIMEOUT * 2).await;
            load.goes_on().await;
        }
        let before = load.stop().await;
        // A sign-in may be sent on a connection at the very moment at which a stopping server closes it. (503 would be a
        // Redis that takes too long, on a busy machine.)
        let lost: usize = before
            .outages
            .range(502..=502)
            .map(|(_, count)| count)
            .sum();
        assert!(lost <= 3, "{:?}", before.outages);

        // A zone vanishes with a server, a primary and a replica.
        world.until_replicated().await;
        let lost = &world.zones[2];
        lost.machine.cut_off();
        before.compare_with(&world.front).await;
        let load = Load::start(&world.front);
        load.goes_on().await;
        load.goes_on().await;

        // It comes back, and what it missed is not undone by what it has.
        lost.machine.reconnect();
        lost.until_ready(&world.common).await;
        load.goes_on().await;
        let after = load.stop().await;
        for zone in &world.zones {
            let server = Server {
                url: zone.url(),
                ..world.front.clone()
            };
            after.clone().compare_with(&server).await;
        }
    });
}
