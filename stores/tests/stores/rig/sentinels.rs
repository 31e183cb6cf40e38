//! A primary, its replica, and sentinels that watch over them.

use super::server::{RedisServer, until_replicating, until_written_to};
use super::until;

const SENTINELS: usize = 3;

pub(crate) struct RedisSentinels {
    /// The first primary, and its replica.
    pub(crate) servers: [RedisServer; 2],
    sentinels: Vec<RedisServer>,
}

impl RedisSentinels {
    pub(crate) async fn start() -> Self {
        let primary = RedisServer::start("repl-diskless-sync-delay 0\n").await;
        let replica = RedisServer::start(&format!(
            "repl-diskless-sync-delay 0\nreplicaof 127.0.0.1 {}\n",
            primary.port
        ))
        .await;
        until_replicating(&replica).await;
        let settings = format!(
            "sentinel monitor wxsession 127.0.0.1 {} 2\n\
             sentinel down-after-milliseconds wxsession 1000\n\
             sentinel failover-timeout wxsession 10000\n",
            primary.port
        );
        let mut sentinels = Vec::new();
        for _ in 0..SENTINELS {
            sentinels.push(RedisServer::start_sentinel(&settings).await);
        }
        for sentinel in &sentinels {
            until("the sentinels know all", || async {
                let text: Vec<String> = sentinel.ask("SENTINEL MASTER wxsession").await.unwrap();
                let told = |name: &str| {
                    let place = text.iter().position(|word| word == name).unwrap();
                    text[place + 1].parse::<usize>().unwrap()
                };
                told("num-slaves") == 1 && told("num-other-sentinels") == SENTINELS - 1
            })
            .await;
        }
        Self {
            servers: [primary, replica],
            sentinels,
        }
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<_> = self
            .sentinels
            .iter()
            .map(|sentinel| format!("127.0.0.1:{}", sentinel.port))
            .collect();
        format!("redis-sentinel://{}/wxsession", hosts.join(","))
    }

    /// Makes the replica the primary the way a careful operator does: a failover alone lets the old primary accept
    /// writes that the new one never sees.
    pub(crate) async fn fail_over_as_planned(&self) {
        let [primary, replica] = &self.servers;
        primary.tell("CLIENT PAUSE 30000 WRITE").await;
        self.sentinels[0].tell("SENTINEL FAILOVER wxsession").await;
        until_written_to(replica).await;
    }
}
