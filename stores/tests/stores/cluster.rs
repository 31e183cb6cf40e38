//! Tests of a cluster alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Mark, Noted, Store};

use crate::rig::{RedisCluster, patient_store, store, until};

const LONG: u64 = 60_000;

/// Users with values: those on the first node, and the others.
async fn users(redis: &RedisCluster, store: &dyn Store) -> (Vec<UserKey>, Vec<UserKey>) {
    serves(store, UserKey([0; 16])).await;
    let (mut of_the_first, mut of_others) = (Vec::new(), Vec::new());
    let mut count = 0;
    for name in 0..20 {
        let user = UserKey([name; 16]);
        assert!(store.swap(user, None, Some(vec![1]), LONG).await.unwrap());
        let now: usize = redis.primaries[0].ask("DBSIZE").await.unwrap();
        match now > count {
            true => of_the_first.push(user),
            false => of_others.push(user),
        }
        count = now;
    }
    (of_the_first, of_others)
}

/// The user's key in Redis.
fn key_of(user: UserKey) -> String {
    format!("wxsession:{}", URL_SAFE_NO_PAD.encode(user.0))
}

async fn serves(store: &dyn Store, user: UserKey) {
    until("the store serves", || async {
        store.get(user).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_on_the_move_is_read_and_swapped_wherever_it_is() {
    let redis = RedisCluster::start(3).await;
    let store = patient_store(&redis.url());
    let user = users(&redis, &store).await.0[0];
    let question = format!("CLUSTER KEYSLOT {}", key_of(user));
    let slot = redis.primaries[0].ask(&question).await.unwrap();
    let mut last = 1;
    let mut swapped = async || {
        let noted = async |mark| {
            let noting = store.get_noting(user, Mark([mark; 16]), LONG).await;
            let (value, noted) = noting.unwrap();
            assert_eq!(value, Some(vec![last]));
            noted
        };
        // Its own, and what was noted before the slot moved on.
        assert_eq!(noted(last).await, Noted::New);
        for mark in 1..=last {
            assert_eq!(noted(mark).await, Noted::Again);
        }
        assert_eq!(store.get(user).await.unwrap(), Some(vec![last]));
        let next = Some(vec![last + 1]);
        assert!(!store.swap(user, None, next.clone(), LONG).await.unwrap());
        assert!(
            store
                .swap(user, Some(vec![last]), next, LONG)
                .await
                .unwrap()
        );
        last += 1;
    };
    redis.begin_move(slot).await;
    swapped().await;
    // The value and two marks, or those of them that are not there already.
    assert!(redis.move_keys(slot).await >= 1);
    swapped().await;
    redis.finish_move(slot).await;
    swapped().await;
    swapped().await;
    assert_eq!(store.get(user).await.unwrap(), Some(vec![5]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_hangs_costs_the_others_users_nothing() {
    let redis = RedisCluster::start(3).await;
    let store = patient_store(&redis.url());
    let (hanging, others) = users(&redis, &store).await;
    redis.primaries[0].freeze();
    for user in hanging.iter().cycle().take(5) {
        assert!(store.get(*user).await.is_err());
        for other in &others {
            assert_eq!(store.get(*other).await.unwrap(), Some(vec![1]));
        }
    }
    redis.primaries[0].thaw();
    serves(&store, hanging[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_and_tells_an_old_map_is_not_the_only_one_asked() {
    let (cut_off, rest) = (RedisCluster::start(1).await, RedisCluster::start(1).await);
    // From then on it serves no keys, like a node without a majority, and still claims to own them.
    let node = &cut_off.primaries[0];
    node.tell("CONFIG SET cluster-require-full-coverage yes")
        .await;
    node.tell("CLUSTER DELSLOTS 0").await;
    until("it serves no keys", || async {
        node.ask::<redis::Value>("GET key").await.is_err()
    })
    .await;
    let ports = [&cut_off, &rest].map(|redis| redis.primaries[0].port);
    let url = format!(
        "redis-cluster://127.0.0.1:{},127.0.0.1:{}",
        ports[0], ports[1]
    );
    // In either order, because a store may meet either of the two first.
    for _ in 0..8 {
        serves(&store(&url), UserKey([0; 16])).await;
    }
}
