//! Writes that wait for replicas.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wxsession_server::contract;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_stores::RedisStore;

use crate::rig::{
    RedisCluster, RedisSentinels, RedisServer, patient_replicated_store, replicated_store, until,
    until_replicating,
};

const LONG: u64 = 60_000;
const USER: UserKey = UserKey([7; 16]);

/// Well above the deadline, because the machine may be busy.
const SOON: Duration = Duration::from_secs(1);

/// A primary with one replica.
async fn pair() -> [RedisServer; 2] {
    let primary = RedisServer::start("repl-diskless-sync-delay 0\n").await;
    let follow = format!("replicaof 127.0.0.1 {}\n", primary.port);
    let replica = RedisServer::start(&follow).await;
    until_replicating(&replica).await;
    [primary, replica]
}

async fn until_it_writes(store: &RedisStore) {
    until("the store writes", || async {
        let old = store.get(USER).await.unwrap_or_default();
        matches!(store.swap(USER, old, Some(vec![0]), LONG).await, Ok(true))
    })
    .await;
}

/// The failure of a write that cannot succeed. On a busy machine it may be late at first.
async fn failure(store: &RedisStore) -> String {
    loop {
        let Ok(old) = store.get(USER).await else {
            continue;
        };
        match store.swap(USER, old, Some(vec![1]), LONG).await {
            Err(StoreError::Failed(cause)) => return cause.to_string(),
            Err(StoreError::Late) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_replica_keeps_the_contract() {
    let [primary, _replica] = pair().await;
    contract::check(Arc::new(patient_replicated_store(&primary.url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_replicas_keeps_the_contract_while_slots_move() {
    let redis = RedisCluster::start_with_replicas(3).await;
    let store = Arc::new(patient_replicated_store(&redis.url()));
    until_it_writes(&store).await;
    contract::check(store.clone()).await;
    // Half-moved slots redirect with `ASK`.
    for user in 100..120 {
        let user = UserKey([user; 16]);
        assert!(store.swap(user, None, Some(vec![1]), LONG).await.unwrap());
    }
    let slots: Vec<u16> = redis.slots_of_the_first().await;
    for slot in &slots {
        redis.begin_move(*slot).await;
        redis.move_keys(*slot).await;
    }
    for user in 100..120 {
        let user = UserKey([user; 16]);
        let swap = store.swap(user, Some(vec![1]), Some(vec![2]), LONG).await;
        assert!(swap.unwrap());
    }
    assert!(!slots.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_sentinels_writes_wait_for_the_replica_too() {
    let redis = RedisSentinels::start().await;
    let store = replicated_store(&redis.url());
    until_it_writes(&store).await;
    redis.servers[1].freeze();
    let text = failure(&store).await;
    assert!(text.contains("0 of 1 replicas"), "{text}");
    redis.servers[1].thaw();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_primary() {
    let [mut primary, replica] = pair().await;
    let store = replicated_store(&primary.url());
    until_it_writes(&store).await;
    let mut acknowledged = Vec::new();
    for user in 1..=200 {
        let user = UserKey([user; 16]);
        if let Ok(true) = store.swap(user, None, Some(vec![1]), LONG).await {
            acknowledged.push(user);
        }
    }
    // It keeps nothing on its disk.
    primary.kill();
    replica.tell("REPLICAOF NO ONE").await;
    let heir = crate::rig::patient_store(&replica.url());
    assert!(!acknowledged.is_empty());
    for user in acknowledged {
        assert_eq!(heir.get(user).await.unwrap(), Some(vec![1]), "{user:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_hangs_fails_writes_in_time() {
    let [primary, replica] = pair().await;
    let store = Arc::new(replicated_store(&primary.url()));
    until_it_writes(&store).await;
    replica.freeze();
    // More than go out together, so that some wait for the replica twice.
    let began = Instant::now();
    let writes: Vec<_> = (0..600_u16)
        .map(|user| {
            let store = Arc::clone(&store);
            let user = UserKey(std::array::from_fn(|place| user.to_le_bytes()[place % 2]));
            tokio::spawn(async move { store.swap(user, None, Some(vec![1]), LONG).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for write in writes {
        outcomes.push(write.await.unwrap());
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    for outcome in outcomes {
        // On a busy machine some are late instead.
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, StoreError::Late | StoreError::Failed(_)),
            "{error:?}"
        );
    }
    let text = failure(&store).await;
    assert!(text.contains("0 of 1 replicas"), "{text}");
    replica.thaw();
    until_it_writes(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_waits_for_a_replica() {
    let [primary, _replica] = pair().await;
    let store = replicated_store(&primary.url());
    until_it_writes(&store).await;
    until("the store serves", || async {
        store.get(USER).await.is_ok()
    })
    .await;
    // Each connection by its last command: what comes after `WAIT` on the same connection would have to wait.
    let clients: String = primary.ask("CLIENT LIST").await.unwrap();
    let last = |command: &str| clients.matches(&format!(" cmd={command} ")).count();
    assert_eq!((last("wait"), last("eval")), (1, 0), "{clients}");
    assert_eq!(last("get") + last("time"), 1, "{clients}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_replica_no_write_is_acknowledged_and_reads_go_on() {
    let redis = RedisServer::start("").await;
    let store = replicated_store(&redis.url());
    until("the store serves", || async {
        store.get(USER).await.is_ok()
    })
    .await;
    let text = failure(&store).await;
    assert!(text.contains("0 of 1 replicas"), "{text}");
    // The server has made it nevertheless, which the error does not hide.
    until("the value is read", || async {
        matches!(store.get(USER).await, Ok(Some(value)) if value == [1])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forbids_to_wait_is_named() {
    let redis = RedisServer::start("rename-command WAIT \"\"\n").await;
    let store = replicated_store(&redis.url());
    until("the store serves", || async {
        store.get(USER).await.is_ok()
    })
    .await;
    let text = failure(&store).await;
    assert!(text.contains("WAIT"), "{text}");
}
