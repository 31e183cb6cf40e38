//! What every store must do, run against each.

use std::sync::Arc;
use std::time::Duration;

use super::{MemoryStore, Millis, RedbStore, Store, UserKey};

const LONG: Millis = 60_000;

fn key(name: u8) -> UserKey {
    UserKey([name; 16])
}

fn value(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

async fn keeps_the_contract(store: Arc<dyn Store>) {
    a_swap_applies_only_while_the_value_is_the_old_one(&*store).await;
    a_removed_value_is_absent(&*store).await;
    users_do_not_touch_one_another(&*store).await;
    a_value_is_absent_when_its_time_is_over(&*store).await;
    time_does_not_go_back(&*store);
    swaps_at_the_same_time_lose_nothing(store).await;
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
    let over = store.now() + 20;
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

#[test]
fn the_parts_of_a_user_key_cannot_be_shifted() {
    assert_ne!(UserKey::new("wx1", "2"), UserKey::new("wx", "12"));
}
