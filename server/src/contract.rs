//! What every store must do: a test for any store, also for one that is not of this project; and a store for tests.

mod timed_store;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

pub use self::timed_store::TimedStore;
use crate::identity::UserKey;
use crate::store::{FOR_EVER, Mark, Noted, Store};
use crate::user::Millis;

/// How long a store elsewhere may take until it serves.
const PATIENCE: Duration = Duration::from_secs(30);

const LONG: Millis = 60_000;
/// How far the time of a store elsewhere may be off.
const BLUR: Millis = 10;

fn key(name: u8) -> UserKey {
    UserKey([name; 16])
}

fn value(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

/// Checks that the store keeps the contract of [`Store`]. The store must be empty.
///
/// ```
/// use std::sync::Arc;
///
/// use wxsession_server::contract;
/// use wxsession_server::store::MemoryStore;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = tokio::runtime::Runtime::new()?;
/// runtime.block_on(contract::check(Arc::new(MemoryStore::new())));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// The store breaks the contract, or fails. The function in the panic's backtrace names the rule.
pub async fn check(store: Arc<dyn Store>) {
    serves(&*store).await;
    a_swap_applies_only_while_the_value_is_the_old_one(&*store).await;
    a_removed_value_is_absent(&*store).await;
    users_do_not_touch_one_another(&*store).await;
    a_value_is_absent_when_its_time_is_over(&*store).await;
    a_value_for_ever_replaces_one_whose_time_would_be_over(&*store).await;
    values_may_hold_any_bytes(&*store).await;
    time_does_not_go_back(&*store);
    a_mark_is_new_once(&*store).await;
    a_mark_is_forgotten_after_its_time(&*store).await;
    of_many_equal_marks_one_is_new(Arc::clone(&store)).await;
    swaps_at_the_same_time_lose_nothing(Arc::clone(&store)).await;
    of_many_first_swaps_one_applies(Arc::clone(&store)).await;
    what_was_read_after_a_swap_is_never_older(Arc::clone(&store)).await;
    a_call_given_up_is_made_whole_or_not_at_all(store).await;
}

/// A store elsewhere has to be connected to first.
async fn serves(store: &dyn Store) {
    let began = Instant::now();
    while store.get(key(0)).await.is_err() {
        assert!(began.elapsed() < PATIENCE, "the store does not serve");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn get(store: &dyn Store, user: UserKey) -> Option<Vec<u8>> {
    store.get(user).await.expect("the store answers")
}

async fn swap(
    store: &dyn Store,
    user: UserKey,
    old: Option<Vec<u8>>,
    new: Option<Vec<u8>>,
) -> bool {
    let ttl = if new.is_some() { LONG } else { 0 };
    let swapped = store.swap(user, old, new, ttl).await;
    swapped.expect("the store answers")
}

async fn a_swap_applies_only_while_the_value_is_the_old_one(store: &dyn Store) {
    let user = key(1);
    assert!(!swap(store, user, value("a"), value("b")).await);
    assert_eq!(get(store, user).await, None);
    assert!(swap(store, user, None, value("a")).await);
    assert!(!swap(store, user, None, value("b")).await);
    assert!(!swap(store, user, value("b"), value("c")).await);
    assert_eq!(get(store, user).await, value("a"));
    assert!(swap(store, user, value("a"), value("b")).await);
    assert_eq!(get(store, user).await, value("b"));
}

async fn a_removed_value_is_absent(store: &dyn Store) {
    let user = key(2);
    assert!(swap(store, user, None, value("a")).await);
    assert!(!swap(store, user, value("b"), None).await);
    assert!(swap(store, user, value("a"), None).await);
    assert_eq!(get(store, user).await, None);
    assert!(swap(store, user, None, value("b")).await);
}

async fn users_do_not_touch_one_another(store: &dyn Store) {
    for name in 10..20 {
        assert!(swap(store, key(name), None, Some(vec![name])).await);
    }
    for name in 10..20 {
        assert_eq!(get(store, key(name)).await, Some(vec![name]));
    }
}

async fn a_value_is_absent_when_its_time_is_over(store: &dyn Store) {
    let user = key(3);
    let written = store.swap(user, None, value("a"), 20).await;
    assert!(written.expect("the store answers"));
    let over = store.now() + 20 + BLUR;
    while store.now() < over {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(get(store, user).await, None);
    assert!(!swap(store, user, value("a"), value("b")).await);
    assert!(swap(store, user, None, value("b")).await);
    assert_eq!(get(store, user).await, value("b"));
}

async fn a_value_for_ever_replaces_one_whose_time_would_be_over(store: &dyn Store) {
    let user = key(8);
    let written = store.swap(user, None, value("a"), 1000).await;
    assert!(written.expect("the store answers"));
    let over = store.now() + 1000 + BLUR;
    let written = store.swap(user, value("a"), value("b"), FOR_EVER).await;
    assert!(written.expect("the store answers"));
    while store.now() < over {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(get(store, user).await, value("b"));
    assert!(swap(store, user, value("b"), None).await);
    assert_eq!(get(store, user).await, None);
}

async fn values_may_hold_any_bytes(store: &dyn Store) {
    let user = UserKey([0xff; 16]);
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let old = Some(bytes);
    assert!(swap(store, user, None, old.clone()).await);
    assert_eq!(get(store, user).await, old);
    assert!(swap(store, user, old, Some(vec![0])).await);
    assert!(!swap(store, user, Some(vec![0, 0]), None).await);
    assert_eq!(get(store, user).await, Some(vec![0]));
}

fn time_does_not_go_back(store: &dyn Store) {
    let mut before = store.now();
    for _ in 0..1000 {
        let now = store.now();
        assert!(now >= before);
        before = now;
    }
}

/// Notes a mark of a user whose value is known. A store that remembers none says so each time.
async fn note(store: &dyn Store, user: UserKey, mark: u8, ttl: Millis) -> Noted {
    let noting = store.get_noting(user, Mark([mark; 16]), ttl).await;
    let (value, noted) = noting.expect("the store answers");
    assert_eq!(value, get(store, user).await);
    noted
}

async fn a_mark_is_new_once(store: &dyn Store) {
    let (user, other) = (key(20), key(21));
    let first = note(store, user, 1, LONG).await;
    if first == Noted::Nowhere {
        assert_eq!(note(store, user, 1, LONG).await, Noted::Nowhere);
        return;
    }
    assert_eq!(first, Noted::New);
    assert_eq!(note(store, user, 1, LONG).await, Noted::Again);
    assert_eq!(note(store, user, 2, LONG).await, Noted::New);
    assert_eq!(note(store, other, 1, LONG).await, Noted::New);
    // It neither makes a value nor hides one.
    assert_eq!(get(store, user).await, None);
    assert!(swap(store, user, None, value("a")).await);
    assert_eq!(note(store, user, 3, LONG).await, Noted::New);
    assert_eq!(note(store, user, 1, LONG).await, Noted::Again);
    assert_eq!(get(store, user).await, value("a"));
}

async fn a_mark_is_forgotten_after_its_time(store: &dyn Store) {
    let user = key(22);
    if note(store, user, 1, 200).await == Noted::Nowhere {
        return;
    }
    let over = store.now() + 200 + BLUR;
    while store.now() < over {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(note(store, user, 1, LONG).await, Noted::New);
    assert_eq!(note(store, user, 1, LONG).await, Noted::Again);
}

async fn of_many_equal_marks_one_is_new(store: Arc<dyn Store>) {
    let user = key(23);
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&store);
        callers.spawn(async move { note(&*store, user, 1, LONG).await });
    }
    let noted = callers.join_all().await;
    let new = noted.iter().filter(|noted| **noted == Noted::New).count();
    let nowhere = noted
        .iter()
        .filter(|noted| **noted == Noted::Nowhere)
        .count();
    assert!(
        new == 1 && nowhere == 0 || nowhere == noted.len(),
        "{noted:?}"
    );
}

async fn swaps_at_the_same_time_lose_nothing(store: Arc<dyn Store>) {
    const WRITERS: u64 = 8;
    const STEPS: u64 = 25;
    let user = key(4);
    let count = |value: Option<&[u8]>| {
        let bytes = value.map(|value| value.try_into().expect("it is a count"));
        bytes.map_or(0, u64::from_le_bytes)
    };
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut done = 0;
            while done < STEPS {
                let old = get(&*store, user).await;
                let next = count(old.as_deref()) + 1;
                let new = Some(next.to_le_bytes().to_vec());
                done += u64::from(swap(&*store, user, old, new).await);
            }
        });
    }
    writers.join_all().await;
    let total = get(&*store, user).await;
    assert_eq!(count(total.as_deref()), WRITERS * STEPS);
}

async fn of_many_first_swaps_one_applies(store: Arc<dyn Store>) {
    let user = key(5);
    let mut writers = JoinSet::new();
    for name in 0..16 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let applied = swap(&*store, user, None, Some(vec![name])).await;
            applied.then_some(name)
        });
    }
    let applied: Vec<u8> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(applied.len(), 1, "{applied:?}");
    assert_eq!(get(&*store, user).await, Some(applied));
}

async fn what_was_read_after_a_swap_is_never_older(store: Arc<dyn Store>) {
    const READERS: usize = 4;
    const STEPS: u8 = 100;
    let user = key(6);
    let written = Arc::new(AtomicU8::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (store, written) = (Arc::clone(&store), Arc::clone(&written));
        readers.spawn(async move {
            while written.load(SeqCst) < STEPS {
                let acknowledged = written.load(SeqCst);
                let read = get(&*store, user).await.map_or(0, |value| value[0]);
                assert!(read >= acknowledged, "{read} after {acknowledged}");
            }
        });
    }
    let mut old = None;
    for step in 1..=STEPS {
        let new = Some(vec![step]);
        assert!(swap(&*store, user, old, new.clone()).await);
        written.store(step, SeqCst);
        old = new;
    }
    readers.join_all().await;
}

async fn a_call_given_up_is_made_whole_or_not_at_all(store: Arc<dyn Store>) {
    let user = key(7);
    for step in 0..20 {
        let old = get(&*store, user).await;
        let swapping = store.swap(user, old, Some(vec![step; 2000]), LONG);
        // Given up before it begins, while it is under way, or when it is done.
        let patience = Duration::from_micros(50 * u64::from(step));
        let _ = timeout(patience, swapping).await;
        let _ = timeout(patience, store.get(user)).await;
    }
    let is_whole =
        |value: &Vec<u8>| value.len() == 2000 && value.iter().all(|byte| *byte == value[0]);
    // A swap that was given up may still be made, so this may take more than one attempt.
    for _ in 0..100 {
        let old = get(&*store, user).await;
        assert!(old.as_ref().is_none_or(is_whole));
        if swap(&*store, user, old, value("last")).await {
            assert_eq!(get(&*store, user).await, value("last"));
            return;
        }
    }
    panic!("no swap applies");
}
