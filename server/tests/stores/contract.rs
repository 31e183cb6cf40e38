//! What every store must do, run against each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::time::Duration;

use wxsession_server::store::{MemoryStore, Millis, RedbStore, Store, UserKey};

use crate::rig::{RedisCluster, RedisSentinels, RedisServer, patient_store, until};

const LONG: Millis = 60_000;
/// How far the time of a store elsewhere may be off.
const BLUR: Millis = 10;

fn key(name: u8) -> UserKey {
    UserKey([name; 16])
}

fn value(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

async fn keeps_the_contract(store: Arc<dyn Store>) {
    // One elsewhere has to be connected to first.
    until("the store serves", || async {
        store.get(key(0)).await.is_ok()
    })
    .await;
    a_swap_applies_only_while_the_value_is_the_old_one(&*store).await;
    a_removed_value_is_absent(&*store).await;
    users_do_not_touch_one_another(&*store).await;
    a_value_is_absent_when_its_time_is_over(&*store).await;
    values_may_hold_any_bytes(&*store).await;
    time_does_not_go_back(&*store);
    swaps_at_the_same_time_lose_nothing(Arc::clone(&store)).await;
    of_many_first_swaps_one_applies(Arc::clone(&store)).await;
    what_was_read_after_a_swap_is_never_older(Arc::clone(&store)).await;
    a_call_given_up_is_made_whole_or_not_at_all(store).await;
}

async fn a_swap_applies_only_while_the_value_is_the_old_one(store: &dyn Store) {
    let user = key(1);
    assert!(
        !store
            .swap(user, value("a"), value("b"), LONG)
            .await
            .unwrap()
    );
    assert_eq!(store.get(user).await.unwrap(), None);
    assert!(store.swap(user, None, value("a"), LONG).await.unwrap());
    assert!(!store.swap(user, None, value("b"), LONG).await.unwrap());
    assert!(
        !store
            .swap(user, value("b"), value("c"), LONG)
            .await
            .unwrap()
    );
    assert_eq!(store.get(user).await.unwrap(), value("a"));
    assert!(
        store
            .swap(user, value("a"), value("b"), LONG)
            .await
            .unwrap()
    );
    assert_eq!(store.get(user).await.unwrap(), value("b"));
}

async fn a_removed_value_is_absent(store: &dyn Store) {
    let user = key(2);
    assert!(store.swap(user, None, value("a"), LONG).await.unwrap());
    assert!(!store.swap(user, value("b"), None, 0).await.unwrap());
    assert!(store.swap(user, value("a"), None, 0).await.unwrap());
    assert_eq!(store.get(user).await.unwrap(), None);
    assert!(store.swap(user, None, value("b"), LONG).await.unwrap());
}

async fn users_do_not_touch_one_another(store: &dyn Store) {
    for name in 10..20 {
        assert!(
            store
                .swap(key(name), None, Some(vec![name]), LONG)
                .await
                .unwrap()
        );
    }
    for name in 10..20 {
        assert_eq!(store.get(key(name)).await.unwrap(), Some(vec![name]));
    }
}

async fn a_value_is_absent_when_its_time_is_over(store: &dyn Store) {
    let user = key(3);
    assert!(store.swap(user, None, value("a"), 20).await.unwrap());
    let over = store.now() + 20 + BLUR;
    while store.now() < over {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(store.get(user).await.unwrap(), None);
    assert!(
        !store
            .swap(user, value("a"), value("b"), LONG)
            .await
            .unwrap()
    );
    assert!(store.swap(user, None, value("b"), LONG).await.unwrap());
    assert_eq!(store.get(user).await.unwrap(), value("b"));
}

async fn values_may_hold_any_bytes(store: &dyn Store) {
    let user = UserKey([0xff; 16]);
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let old = Some(bytes.clone());
    assert!(store.swap(user, None, old.clone(), LONG).await.unwrap());
    assert_eq!(store.get(user).await.unwrap(), old);
    assert!(store.swap(user, old, Some(vec![0]), LONG).await.unwrap());
    assert!(
        !store
            .swap(user, Some(vec![0, 0]), None, LONG)
            .await
            .unwrap()
    );
    assert_eq!(store.get(user).await.unwrap(), Some(vec![0]));
}

fn time_does_not_go_back(store: &dyn Store) {
    let mut before = store.now();
    for _ in 0..1000 {
        let now = store.now();
        assert!(now >= before);
        before = now;
    }
}

async fn swaps_at_the_same_time_lose_nothing(store: Arc<dyn Store>) {
    const WRITERS: u64 = 8;
    const STEPS: u64 = 25;
    let user = key(4);
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut done = 0;
            while done < STEPS {
                let old = store.get(user).await.unwrap();
                let count = old
                    .as_deref()
                    .map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
                let new = Some((count + 1).to_le_bytes().to_vec());
                done += u64::from(store.swap(user, old, new, LONG).await.unwrap());
            }
        });
    }
    writers.join_all().await;
    let total = (WRITERS * STEPS).to_le_bytes().to_vec();
    assert_eq!(store.get(user).await.unwrap(), Some(total));
}

async fn of_many_first_swaps_one_applies(store: Arc<dyn Store>) {
    let user = key(5);
    let mut writers = tokio::task::JoinSet::new();
    for name in 0..16 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let applied = store
                .swap(user, None, Some(vec![name]), LONG)
                .await
                .unwrap();
            applied.then_some(name)
        });
    }
    let applied: Vec<u8> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(applied.len(), 1, "{applied:?}");
    assert_eq!(store.get(user).await.unwrap(), Some(applied));
}

async fn what_was_read_after_a_swap_is_never_older(store: Arc<dyn Store>) {
    const READERS: usize = 4;
    const STEPS: u8 = 100;
    let user = key(6);
    let written = Arc::new(AtomicU8::new(0));
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..READERS {
        let (store, written) = (Arc::clone(&store), Arc::clone(&written));
        readers.spawn(async move {
            while written.load(SeqCst) < STEPS {
                let acknowledged = written.load(SeqCst);
                let read = store.get(user).await.unwrap();
                let read = read.map_or(0, |value| value[0]);
                assert!(read >= acknowledged, "{read} after {acknowledged}");
            }
        });
    }
    let mut old = None;
    for step in 1..=STEPS {
        let new = Some(vec![step]);
        assert!(store.swap(user, old, new.clone(), LONG).await.unwrap());
        written.store(step, SeqCst);
        old = new;
    }
    readers.join_all().await;
}

async fn a_call_given_up_is_made_whole_or_not_at_all(store: Arc<dyn Store>) {
    let user = key(7);
    for step in 0..20 {
        let old = store.get(user).await.unwrap();
        let new = Some(vec![step; 2000]);
        let swap = store.swap(user, old, new.clone(), LONG);
        // Given up before it begins, while it is under way, or when it is done.
        let patience = Duration::from_micros(50 * u64::from(step));
        let _ = tokio::time::timeout(patience, swap).await;
        let _ = tokio::time::timeout(patience, store.get(user)).await;
    }
    // One given up may still be made, so this may take more than one attempt.
    for _ in 0..100 {
        let old = store.get(user).await.unwrap();
        assert!(
            old.as_ref()
                .is_none_or(|old| old.len() == 2000 && old.iter().all(|byte| *byte == old[0]))
        );
        if store.swap(user, old, value("last"), LONG).await.unwrap() {
            assert_eq!(store.get(user).await.unwrap(), value("last"));
            return;
        }
    }
    panic!("no swap applies");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_contract() {
    keeps_the_contract(Arc::new(MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redb_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(&folder.path().join("sessions.redb")).unwrap();
    keeps_the_contract(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_server_keeps_the_contract() {
    let redis = RedisServer::start("").await;
    keeps_the_contract(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_sentinels_keeps_the_contract() {
    let redis = RedisSentinels::start().await;
    keeps_the_contract(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_cluster_keeps_the_contract() {
    let redis = RedisCluster::start(3).await;
    keeps_the_contract(Arc::new(patient_store(&redis.url()))).await;
}

#[tokio::test]
async fn redb_finds_its_values_and_its_time_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let before = RedbStore::open(&path).unwrap();
    assert!(before.swap(key(1), None, value("a"), LONG).await.unwrap());
    let time = before.now();
    drop(before);
    let after = RedbStore::open(&path).unwrap();
    assert_eq!(after.get(key(1)).await.unwrap(), value("a"));
    assert!(after.now() >= time);
}

#[tokio::test]
async fn redb_belongs_to_one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let _first = RedbStore::open(&path).unwrap();
    assert!(RedbStore::open(&path).is_err());
}
