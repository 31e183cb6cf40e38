//! The contract, against each store.

use std::sync::Arc;

use wxsession_server::contract;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_stores::RedbStore;

use crate::rig::{RedisCluster, RedisSentinels, RedisServer, patient_store};

const LONG: u64 = 60_000;
const USER: UserKey = UserKey([1; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_contract() {
    contract::check(Arc::new(MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redb_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(&folder.path().join("sessions.redb")).unwrap();
    contract::check(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_server_keeps_the_contract() {
    let redis = RedisServer::start("").await;
    contract::check(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_sentinels_keeps_the_contract() {
    let redis = RedisSentinels::start().await;
    contract::check(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_cluster_keeps_the_contract() {
    let redis = RedisCluster::start(3).await;
    contract::check(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test]
async fn redb_finds_its_values_and_its_time_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let before = RedbStore::open(&path).unwrap();
    assert!(
        before
            .swap(USER, None, Some(b"a".to_vec()), LONG)
            .await
            .unwrap()
    );
    let time = before.now();
    drop(before);
    let after = RedbStore::open(&path).unwrap();
    assert_eq!(after.get(USER).await.unwrap(), Some(b"a".to_vec()));
    assert!(after.now() >= time);
}

#[tokio::test]
async fn redb_belongs_to_one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let _first = RedbStore::open(&path).unwrap();
    assert!(RedbStore::open(&path).is_err());
}
