//! A cluster of Redis servers.

use super::server::RedisServer;
use super::until;

const SLOTS: usize = 16_384;

pub(crate) struct RedisCluster {
    /// Each with a share of the slots.
    pub(crate) primaries: Vec<RedisServer>,
}

impl RedisCluster {
    pub(crate) async fn start(primaries: usize) -> Self {
        let cluster = Self {
            primaries: start_nodes(primaries).await,
        };
        for (index, node) in cluster.primaries.iter().enumerate() {
            let (from, to) = (
                SLOTS * index / primaries,
                SLOTS * (index + 1) / primaries - 1,
            );
            node.tell(&format!("CLUSTER ADDSLOTSRANGE {from} {to}"))
                .await;
            node.tell(&format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1))
                .await;
        }
        cluster.meet().await;
        cluster
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<_> = self
            .primaries
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    fn nodes(&self) -> impl Iterator<Item = &RedisServer> {
        self.primaries.iter()
    }

    async fn meet(&self) {
        let first = &self.primaries[0];
        for node in self.nodes().skip(1) {
            let bus: Vec<String> = node.ask("CONFIG GET cluster-port").await.unwrap();
            let meet = format!("CLUSTER MEET 127.0.0.1 {} {}", node.port, bus[1]);
            first.tell(&meet).await;
        }
        let count = self.nodes().count();
        for node in self.nodes() {
            until("the nodes know one another", || async {
                let text: String = node.ask("CLUSTER INFO").await.unwrap_or_default();
                text.contains("cluster_state:ok")
                    && text.contains(&format!("cluster_known_nodes:{count}\r"))
            })
            .await;
        }
    }
}

async fn start_nodes(count: usize) -> Vec<RedisServer> {
    let mut nodes = Vec::new();
    for _ in 0..count {
        let settings =
            "cluster-enabled yes\ncluster-node-timeout 1000\nrepl-diskless-sync-delay 0\n";
        nodes.push(RedisServer::start(settings).await);
    }
    nodes
}
