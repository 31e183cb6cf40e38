//! Real Redis servers, alone and together, each for one test: on free ports, in a temporary folder, and
//! stopped when the test ends, however it ends. The service's tests of faults use them too.

// Neither of the two uses everything.
#![allow(dead_code, unused_imports)]

mod cluster;
mod sentinels;
mod server;
mod wire;

use std::time::{Duration, Instant};

use wxsession_stores::RedisStore;

pub(crate) use cluster::RedisCluster;
pub(crate) use sentinels::RedisSentinels;
pub(crate) use server::{
    OUTLIVES_ITS_PROCESS, RedisServer, free_port, until_replicated, until_replicating,
};
pub(crate) use wire::Wire;

/// A store on the servers at this URL.
pub(crate) fn store(url: &str) -> RedisStore {
    RedisStore::start(&url.parse().unwrap())
}

/// A store for tests of anything but the deadline, because the machine may be busy.
pub(crate) fn patient_store(url: &str) -> RedisStore {
    store(url).with_deadline(PATIENCE)
}

/// A store that waits for one replica.
pub(crate) fn replicated_store(url: &str) -> RedisStore {
    RedisStore::start_replicated(&url.parse().unwrap(), 1)
}

/// The same for tests of anything but the deadline.
pub(crate) fn patient_replicated_store(url: &str) -> RedisStore {
    replicated_store(url).with_deadline(PATIENCE)
}

const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `holds` returns true, and fails the test if that takes too long.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
