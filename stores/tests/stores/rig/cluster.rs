//! A cluster of Redis servers.

use std::collections::BTreeSet;

use super::server::{RedisServer, until_replicating, until_written_to};
use super::until;

const SLOTS: usize = 16_384;

pub(crate) struct RedisCluster {
    /// The primaries, each with a share of the slots.
    pub(crate) primaries: Vec<RedisServer>,
    /// One replica of each primary in the same order, if there are any.
    pub(crate) replicas: Vec<RedisServer>,
}

impl RedisCluster {
    pub(crate) async fn start(primaries: usize) -> Self {
        let cluster = Self {
            primaries: start_nodes(primaries).await,
            replicas: Vec::new(),
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

    pub(crate) async fn start_with_replicas(primaries: usize) -> Self {
        let mut cluster = Self::start(primaries).await;
        cluster.replicas = start_nodes(primaries).await;
        cluster.meet().await;
        for (primary, replica) in cluster.primaries.iter().zip(&cluster.replicas) {
            let id: String = primary.ask("CLUSTER MYID").await.unwrap();
            replica.tell(&format!("CLUSTER REPLICATE {id}")).await;
            until_replicating(replica).await;
        }
        for node in cluster.nodes() {
            until("all nodes know the replicas", || async {
                let text: String = node.ask("CLUSTER NODES").await.unwrap_or_default();
                text.matches("slave").count() == primaries
            })
            .await;
        }
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

    /// Moves all slots with keys from the first node to the last, and returns how many keys were moved.
    pub(crate) async fn move_slots(&self) -> usize {
        let mut moved = 0;
        for slot in slots_with_keys(&self.primaries[0]).await {
            self.begin_move(slot).await;
            moved += self.move_keys(slot).await;
            self.finish_move(slot).await;
        }
        moved
    }

    /// The slots of the first node in which there are keys.
    pub(crate) async fn slots_of_the_first(&self) -> Vec<u16> {
        slots_with_keys(&self.primaries[0])
            .await
            .into_iter()
            .collect()
    }

    /// From now on the first node redirects calls for keys that it no longer has to the last node.
    pub(crate) async fn begin_move(&self, slot: u16) {
        let (from, to) = (&self.primaries[0], self.primaries.last().unwrap());
        let from_id: String = from.ask("CLUSTER MYID").await.unwrap();
        let to_id: String = to.ask("CLUSTER MYID").await.unwrap();
        to.tell(&format!("CLUSTER SETSLOT {slot} IMPORTING {from_id}"))
            .await;
        from.tell(&format!("CLUSTER SETSLOT {slot} MIGRATING {to_id}"))
            .await;
    }

    pub(crate) async fn move_keys(&self, slot: u16) -> usize {
        let (from, to) = (&self.primaries[0], self.primaries.last().unwrap());
        let mut moved = 0;
        loop {
            let question = format!("CLUSTER GETKEYSINSLOT {slot} 10");
            let keys: Vec<String> = from.ask(&question).await.unwrap();
            if keys.is_empty() {
                return moved;
            }
            for key in keys {
                from.tell(&format!("MIGRATE 127.0.0.1 {} {key} 0 5000", to.port))
                    .await;
                moved += 1;
            }
        }
    }

    pub(crate) async fn finish_move(&self, slot: u16) {
        let to = self.primaries.last().unwrap();
        let to_id: String = to.ask("CLUSTER MYID").await.unwrap();
        // The new owner is told first, so that there always is an owner.
        for node in self.primaries.iter().rev() {
            node.tell(&format!("CLUSTER SETSLOT {slot} NODE {to_id}"))
                .await;
        }
    }

    /// Makes the first replica the primary, once it has everything that the old primary has.
    pub(crate) async fn fail_over(&self) {
        let replica = &self.replicas[0];
        replica.tell("CLUSTER FAILOVER").await;
        until_written_to(replica).await;
    }

    fn nodes(&self) -> impl Iterator<Item = &RedisServer> {
        self.primaries.iter().chain(&self.replicas)
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
        let settings = "cluster-enabled yes\ncluster-node-timeout 1000\ncluster-require-full-coverage no\nrepl-diskless-sync-delay 0\n";
        nodes.push(RedisServer::start(settings).await);
    }
    nodes
}

async fn slots_with_keys(node: &RedisServer) -> BTreeSet<u16> {
    let keys: Vec<String> = node.ask("KEYS *").await.unwrap();
    let mut slots = BTreeSet::new();
    for key in keys {
        slots.insert(node.ask(&format!("CLUSTER KEYSLOT {key}")).await.unwrap());
    }
    slots
}
