//! Tests of Redis alone.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{FOR_EVER, Mark, Noted, Store, StoreError};
use wxsession_stores::{RedisStore, WhenFull};

use crate::rig::{OUTLIVES_ITS_PROCESS, RedisServer, Wire, patient_store, store, until};

const LONG: u64 = 60_000;
/// A deadline that no call reaches by itself on a busy machine.
const DEADLINE: Duration = Duration::from_secs(1);
const USER: UserKey = UserKey([7; 16]);

/// Well above the deadline, because the machine may be busy.
const SOON: Duration = Duration::from_secs(1);
/// Until the next attempt at a connection, on a busy machine.
const BACK: Duration = Duration::from_secs(5);

/// Keeps the value 1, in whichever attempt a busy machine is in time.
async fn keep_one(store: &dyn Store) {
    until("the value is kept", || async {
        let _ = store.swap(USER, None, Some(vec![1]), LONG).await;
        is_one(store).await
    })
    .await;
}

async fn is_one(store: &dyn Store) -> bool {
    matches!(store.get(USER).await, Ok(Some(value)) if value == [1])
}

async fn wait_for(store: &dyn Store) {
    until("the store serves", || async {
        store.get(USER).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_reads_over_its_own_connection_and_over_the_common_one_where_it_gets_none() {
    let redis = RedisServer::start("").await;
    redis.tell("ACL SETUSER shop on >first ~* +@all").await;
    let url = redis.url().replace("redis://", "redis://shop:first@");
    let store = RedisStore::start_with_lanes(&url.parse().unwrap(), 0, &[Handle::current()]);
    let store = store.with_deadline(DEADLINE);
    keep_one(&store).await;
    let clients: String = redis.ask("CLIENT LIST").await.unwrap();
    let of_the_store = clients
        .lines()
        .filter(|client| client.contains("user=shop"));
    let (read, wrote): (Vec<_>, Vec<_>) =
        of_the_store.partition(|client| client.contains("cmd=get"));
    assert_eq!((read.len(), wrote.len()), (1, 1), "{clients}");
    // Those that are connected may stay, and nobody may come.
    redis.tell("ACL SETUSER shop resetpass >second").await;
    let id = read[0].split([' ', '=']).nth(1).unwrap();
    redis.tell(&format!("CLIENT KILL ID {id}")).await;
    until("the value is read", || is_one(&store)).await;
    assert!(is_one(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_redis_has_forgotten_is_sent_again() {
    let redis = RedisServer::start("").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    for step in 1..4 {
        let old = store.get(USER).await.unwrap();
        assert!(store.swap(USER, old, Some(vec![step]), LONG).await.unwrap());
        redis.tell("SCRIPT FLUSH").await;
    }
    assert_eq!(store.get(USER).await.unwrap(), Some(vec![3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_leaves_redis_when_its_time_is_over() {
    let redis = RedisServer::start("").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    assert!(store.swap(USER, None, Some(vec![1]), LONG).await.unwrap());
    let keys: Vec<String> = redis.ask("KEYS *").await.unwrap();
    assert_eq!(keys, ["wxsession:BwcHBwcHBwcHBwcHBwcHBw"]);
    let left: u64 = redis.ask(&format!("PTTL {}", keys[0])).await.unwrap();
    assert!((LONG - 10_000..=LONG).contains(&left), "{left}");
    // A time that is longer than Redis can count becomes the longest that it can.
    assert!(
        store
            .swap(USER, Some(vec![1]), Some(vec![2]), FOR_EVER - 1)
            .await
            .unwrap()
    );
    // What has no time to live is not evicted when Redis is short of memory.
    assert!(
        store
            .swap(USER, Some(vec![2]), Some(vec![3]), FOR_EVER)
            .await
            .unwrap()
    );
    let left: i64 = redis.ask(&format!("PTTL {}", keys[0])).await.unwrap();
    assert_eq!(left, -1);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_on_one_redis_agree_on_the_time() {
    let redis = RedisServer::start("").await;
    let (one, other) = (patient_store(&redis.url()), patient_store(&redis.url()));
    wait_for(&one).await;
    wait_for(&other).await;
    let (mine, theirs) = (one.now(), other.now());
    assert!(mine.abs_diff(theirs) < 1_000, "{mine} {theirs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_is_late_and_serves_once_it_runs_again() {
    let redis = RedisServer::start("").await;
    let store = store(&redis.url());
    keep_one(&store).await;
    redis.freeze();
    // First over the existing connection, then while there is none.
    for call in 0..10 {
        let began = Instant::now();
        let read = store.get(USER).await;
        let swap = store.swap(USER, Some(vec![2]), None, 0).await;
        let noting = store.get_noting(USER, Mark([call; 16]), LONG).await;
        assert!(began.elapsed() < 3 * SOON, "{call}: {:?}", began.elapsed());
        for error in [read.unwrap_err(), swap.unwrap_err(), noting.unwrap_err()] {
            assert!(
                matches!(error, StoreError::Late | StoreError::Failed(_)),
                "{error:?}"
            );
        }
    }
    redis.thaw();
    let began = Instant::now();
    until("the value is read", || is_one(&store)).await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_costs_its_connection() {
    let redis = RedisServer::start("").await;
    let store = store(&redis.url());
    wait_for(&store).await;
    let connections = || async {
        redis
            .info("total_connections_received")
            .await
            .parse::<u32>()
            .unwrap()
    };
    let before = connections().await;
    redis.freeze();
    for _ in 0..3 {
        assert!(store.get(USER).await.is_err());
    }
    redis.thaw();
    wait_for(&store).await;
    // One of them is the connection that asks.
    assert!(connections().await >= before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_gone_fails_at_once_and_serves_again_soon() {
    let mut redis = RedisServer::start(OUTLIVES_ITS_PROCESS).await;
    let store = store(&redis.url()).with_deadline(DEADLINE);
    keep_one(&store).await;
    redis.kill();
    until("the outage is seen", || async {
        store.get(USER).await.is_err()
    })
    .await;
    let began = Instant::now();
    for _ in 0..10 {
        assert!(store.get(USER).await.is_err());
    }
    assert!(began.elapsed() < 10 * DEADLINE, "{:?}", began.elapsed());
    redis.restart();
    until("redis is back", || async {
        redis.ask::<String>("PING").await.is_ok()
    })
    .await;
    let began = Instant::now();
    until("the value is read", || is_one(&store)).await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_whose_answer_is_lost_is_not_made_again() {
    let redis = RedisServer::start("").await;
    let wire = Wire::to(redis.port).await;
    let store = patient_store(&format!("redis://127.0.0.1:{}", wire.port));
    wait_for(&store).await;
    // After this the script is loaded, and the next answer is the swap's.
    assert!(store.swap(USER, None, Some(vec![0]), LONG).await.unwrap());
    wire.lose_an_answer();
    let swap = store.swap(USER, Some(vec![0]), Some(vec![1]), LONG).await;
    // If the swap were repeated, it would find its own value and report that it does not apply.
    assert!(matches!(swap, Err(StoreError::Failed(_))), "{swap:?}");
    wait_for(&store).await;
    assert_eq!(store.get(USER).await.unwrap(), Some(vec![1]));
    // A read is repeated.
    wire.lose_an_answer();
    assert_eq!(store.get(USER).await.unwrap(), Some(vec![1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_whose_answer_is_lost_is_not_noted_again() {
    let redis = RedisServer::start("").await;
    let wire = Wire::to(redis.port).await;
    let store = patient_store(&format!("redis://127.0.0.1:{}", wire.port));
    wait_for(&store).await;
    let note = || store.get_noting(USER, Mark([1; 16]), LONG);
    wire.lose_an_answer();
    // If it were repeated, it would find its own mark, and an honest request would count as served before.
    let lost = note().await;
    assert!(matches!(lost, Err(StoreError::Failed(_))), "{lost:?}");
    wait_for(&store).await;
    assert_eq!(note().await.unwrap(), (None, Noted::Again));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_one_server_notes_is_known_to_the_others_and_leaves_in_time() {
    let redis = RedisServer::start("").await;
    let (one, other) = (patient_store(&redis.url()), patient_store(&redis.url()));
    wait_for(&one).await;
    wait_for(&other).await;
    let mark = Mark([1; 16]);
    let noted = one.get_noting(USER, mark, LONG).await;
    assert_eq!(noted.unwrap(), (None, Noted::New));
    let noted = other.get_noting(USER, mark, LONG).await;
    assert_eq!(noted.unwrap(), (None, Noted::Again));
    let keys: Vec<String> = redis.ask("KEYS *").await.unwrap();
    assert_eq!(keys.len(), 1);
    let left: u64 = redis.ask(&format!("PTTL {}", keys[0])).await.unwrap();
    assert!(left <= LONG && left > LONG / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_takes_no_writes_takes_no_mark() {
    let redis = RedisServer::start("").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    redis.tell("CONFIG SET maxmemory 1").await;
    let noting = store.get_noting(USER, Mark([1; 16]), LONG).await;
    assert!(matches!(noting, Err(StoreError::Failed(_))), "{noting:?}");
    assert!(store.get(USER).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_drops_values_when_it_is_full_is_known() {
    let redis = RedisServer::start("maxmemory 100mb\nmaxmemory-policy volatile-lru\n").await;
    let store = store(&redis.url());
    wait_for(&store).await;
    let drops = WhenFull::Drops("volatile-lru".to_owned());
    assert_eq!(store.when_full().await.unwrap(), drops);
    redis.tell("CONFIG SET maxmemory-policy noeviction").await;
    assert_eq!(store.when_full().await.unwrap(), WhenFull::Refuses);
    redis.tell("ACL SETUSER default -info").await;
    assert_eq!(store.when_full().await.unwrap(), WhenFull::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_not_served_from() {
    let redis = RedisServer::start("").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    assert!(store.swap(USER, None, Some(vec![1]), LONG).await.unwrap());
    redis.tell("REPLICAOF 127.0.0.1 1").await;
    // The first swap finds out that the server is no longer a primary.
    assert!(store.swap(USER, Some(vec![1]), None, 0).await.is_err());
    until("the replica is left", || async {
        store.get(USER).await.is_err()
    })
    .await;
    let error = format!("{:?}", store.get(USER).await.unwrap_err());
    assert!(error.contains("replica"), "{error}");
    redis.tell("REPLICAOF NO ONE").await;
    wait_for(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_named_and_not_shown() {
    let redis = RedisServer::start("requirepass hush\n").await;
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", redis.port);
    let wrong = store(&url("mumble"));
    until("the refusal is known", || async {
        matches!(wrong.get(USER).await, Err(StoreError::Failed(_)))
    })
    .await;
    let error = format!("{:?}", wrong.get(USER).await.unwrap_err());
    assert!(
        error.contains("assword") && !error.contains("mumble"),
        "{error}"
    );
    wait_for(&store(&url("hush"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_that_the_documentation_names_suffice() {
    let redis = RedisServer::start("").await;
    redis
        .tell(
            "ACL SETUSER wxsession on >hush ~wxsession:* +get +set +del +eval +evalsha +time +role \
             +cluster|slots",
        )
        .await;
    let store = patient_store(&format!("redis://wxsession:hush@127.0.0.1:{}", redis.port));
    wait_for(&store).await;
    assert!(store.swap(USER, None, Some(vec![1]), LONG).await.unwrap());
    assert!(store.swap(USER, Some(vec![1]), None, 0).await.unwrap());
    let noted = store.get_noting(USER, Mark([1; 16]), LONG).await.unwrap();
    assert_eq!(noted, (None, Noted::New));
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_know_their_client_by_name_and_with_the_right_that_the_documentation_names() {
    let redis = RedisServer::start("").await;
    let sentinel = RedisServer::start_sentinel(&format!(
        "sentinel monitor wxsession 127.0.0.1 {} 1\nuser default off\n\
         user wxsession on >hush +sentinel|get-master-addr-by-name\n",
        redis.port
    ))
    .await;
    let url = |login: &str| {
        format!(
            "redis-sentinel://127.0.0.1:{}/wxsession?{login}",
            sentinel.port
        )
    };
    let known = patient_store(&url("sentinel-user=wxsession&sentinel-password=hush"));
    wait_for(&known).await;
    assert!(known.swap(USER, None, Some(vec![1]), LONG).await.unwrap());
    for login in [
        "sentinel-password=hush",
        "sentinel-user=wxsession&sentinel-password=mum",
    ] {
        let stranger = patient_store(&url(login));
        until("the login is refused", || async {
            matches!(stranger.get(USER).await, Err(StoreError::Failed(_)))
        })
        .await;
    }
}

// On one thread, so that no call is answered before all are made.
#[tokio::test]
async fn what_is_more_than_can_be_borne_is_refused_at_once() {
    let redis = RedisServer::start("").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    let mut calls: Vec<_> = (0..5000).map(|_| store.get(USER)).collect();
    let mut begin = Context::from_waker(Waker::noop());
    let refused = calls
        .iter_mut()
        .filter_map(|call| match call.as_mut().poll(&mut begin) {
            Poll::Ready(answer) => Some(answer.unwrap_err()),
            Poll::Pending => None,
        });
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused.len(), 5000 - 4096);
    assert!(
        refused
            .iter()
            .all(|error| matches!(error, StoreError::Full))
    );
    drop(calls);
    assert!(store.swap(USER, None, Some(vec![1]), LONG).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_redis_repeats_of_a_command_that_it_does_not_know_is_not_told() {
    let redis = RedisServer::start("rename-command EVALSHA \"\"").await;
    let store = patient_store(&redis.url());
    wait_for(&store).await;
    let swap = store.swap(USER, None, Some(b"openid".to_vec()), LONG).await;
    let told = format!("{:?}", swap.unwrap_err());
    assert!(
        !told.contains("openid") && told.contains("EVALSHA"),
        "{told}"
    );
}
