//! Whether the store can be read and written, as far as its calls tell. While they fail, a probe finds out when they no
//! longer do, so that no request, and no login code, is spent on finding out.

use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use wxsession_server::identity::UserKey;
use wxsession_server::random;
use wxsession_server::store::Store;
use wxsession_server::user::Millis;

/// One failure may be one slow moment, or one server of a cluster.
const FAILURES_RUNNING: u32 = 5;
/// How often a store that fails is probed.
const PROBED_EVERY: Duration = Duration::from_millis(250);
/// How many probes run at once. While a third of a cluster is away, one in 81 times all of them meet that third.
const PROBES: usize = 4;
/// How long the outcome of a probe stays fresh while no call fails.
const FRESH: Duration = Duration::from_secs(1);
/// How long a store keeps what a probe wrote and could not remove, in milliseconds.
const PROBE_KEPT: Millis = 1000;

/// What can be done with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoreState {
    /// Everything.
    Up,
    /// Sessions are verified, and nobody can sign in or out.
    ReadOnly,
    /// Nothing.
    Down,
}

/// The health of one store.
pub(crate) struct StoreHealth {
    store: Arc<dyn Store>,
    /// How many reads and writes have failed since the last one that did not.
    reads_failed: AtomicU32,
    writes_failed: AtomicU32,
    /// Whether a task probes the store until it works again.
    is_probed: AtomicBool,
    /// When the store was last probed on demand, if it was well.
    asked: Mutex<Option<Instant>>,
}

impl StoreHealth {
    pub(crate) fn of(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            reads_failed: AtomicU32::new(0),
            writes_failed: AtomicU32::new(0),
            is_probed: AtomicBool::new(false),
            asked: Mutex::default(),
        }
    }

    /// What is known without asking.
    pub(crate) fn known(&self) -> StoreState {
        let is_failing = |failed: &AtomicU32| failed.load(SeqCst) >= FAILURES_RUNNING;
        match (
            is_failing(&self.reads_failed),
            is_failing(&self.writes_failed),
        ) {
            (true, _) => StoreState::Down,
            (false, true) => StoreState::ReadOnly,
            (false, false) => StoreState::Up,
        }
    }

    /// What the store can do. However many ask, a store of which no call fails is probed once a second.
    pub(crate) async fn ask(self: &Arc<Self>) -> StoreState {
        let mut asked = self.asked.lock().await;
        let known = self.known();
        if known != StoreState::Up {
            return known;
        }
        let failed = [&self.reads_failed, &self.writes_failed];
        let is_well = failed.into_iter().all(|failed| failed.load(Relaxed) == 0);
        if let Some(when) = *asked
            && when.elapsed() < FRESH
            && is_well
        {
            return StoreState::Up;
        }
        let state = self.probe().await;
        *asked = (state == StoreState::Up).then(Instant::now);
        state
    }

    /// A read has ended. Must be called in a Tokio runtime.
    pub(crate) fn read_ended(self: &Arc<Self>, well: bool) {
        count(&self.reads_failed, well);
        if !well {
            self.probe_while_failing();
        }
    }

    /// A write has ended. Must be called in a Tokio runtime.
    pub(crate) fn write_ended(self: &Arc<Self>, well: bool) {
        count(&self.writes_failed, well);
        if !well {
            self.probe_while_failing();
        }
    }

    fn probe_while_failing(self: &Arc<Self>) {
        if self.known() == StoreState::Up || self.is_probed.swap(true, SeqCst) {
            return;
        }
        let health = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(health) = health.upgrade() {
                if health.recovers().await {
                    return;
                }
                drop(health);
                sleep(PROBED_EVERY).await;
            }
        });
    }

    /// Probes the store at several places at once, since a part of a cluster may be away. Returns whether probing is over.
    async fn recovers(self: &Arc<Self>) -> bool {
        let mut probes = JoinSet::new();
        for _ in 0..PROBES {
            let health = Arc::clone(self);
            probes.spawn(async move { health.probe().await });
        }
        while let Some(Ok(state)) = probes.join_next().await {
            if state == StoreState::Up {
                break;
            }
        }
        if self.known() != StoreState::Up {
            return false;
        }
        self.is_probed.store(false, SeqCst);
        // A call that failed meanwhile has left the probing to this task.
        self.known() == StoreState::Up || self.is_probed.swap(true, SeqCst)
    }

    /// Writes a value under a random key, which is nobody's, and removes it.
    async fn probe(self: &Arc<Self>) -> StoreState {
        let key = UserKey(random::bytes().unwrap_or_default());
        let read = self.store.get(key).await;
        self.read_ended(read.is_ok());
        let Ok(old) = read else {
            return StoreState::Down;
        };
        let value = || Some(Vec::new());
        let written = self.store.swap(key, old, value(), PROBE_KEPT).await;
        self.write_ended(written.is_ok());
        if written.is_err() {
            return StoreState::ReadOnly;
        }
        // What cannot be removed expires.
        let _ = self.store.swap(key, value(), None, 0).await;
        StoreState::Up
    }
}

fn count(failed: &AtomicU32, well: bool) {
    if !well {
        failed.fetch_add(1, SeqCst);
    } else if failed.load(Relaxed) != 0 {
        // Written only if it changes: a write costs more than a read.
        failed.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
    use std::time::Duration;

    use tokio::time::{advance, sleep};
    use wxsession_server::identity::UserKey;
    use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
    use wxsession_server::user::Millis;

    use super::{FAILURES_RUNNING, StoreHealth, StoreState};

    /// A store that can do what it is told, and counts the reads.
    #[derive(Default)]
    struct Sick {
        store: MemoryStore,
        /// 0 everything, 1 reads alone, 2 nothing.
        ails: AtomicU8,
        reads: AtomicU32,
    }

    impl Store for Sick {
        fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
            self.reads.fetch_add(1, Relaxed);
            if self.ails.load(Relaxed) < 2 {
                return self.store.get(user);
            }
            // It hangs until its deadline.
            Box::pin(async {
                sleep(Duration::from_millis(100)).await;
                Err(StoreError::Late)
            })
        }

        fn swap(
            &self,
            user: UserKey,
            old: Option<Vec<u8>>,
            new: Option<Vec<u8>>,
            ttl: Millis,
        ) -> StoreFuture<'_, bool> {
            match self.ails.load(Relaxed) {
                0 => self.store.swap(user, old, new, ttl),
                _ => Box::pin(async { Err(StoreError::Late) }),
            }
        }

        fn now(&self) -> Millis {
            0
        }
    }

    fn sick() -> (Arc<Sick>, Arc<StoreHealth>) {
        let store = Arc::new(Sick::default());
        let health = StoreHealth::of(Arc::clone(&store) as Arc<dyn Store>);
        (store, Arc::new(health))
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_well_is_asked_how_it_is_once_a_second_however_many_want_to_know() {
        let (store, health) = sick();
        for asked in 1..=2 {
            let states = tokio::join!(health.ask(), health.ask(), health.ask());
            assert_eq!(states, (StoreState::Up, StoreState::Up, StoreState::Up));
            assert_eq!(store.reads.load(Relaxed), asked);
            advance(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_store_cannot_do_is_told_apart_and_told_at_once() {
        let (store, health) = sick();
        for (ails, state) in [
            (0, StoreState::Up),
            (1, StoreState::ReadOnly),
            (2, StoreState::Down),
        ] {
            store.ails.store(ails, Relaxed);
            // The last answer is still fresh, and one failure is enough to doubt it.
            match ails {
                1 => health.write_ended(false),
                2 => health.read_ended(false),
                _ => {}
            }
            assert_eq!(health.ask().await, state);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_whose_calls_fail_is_known_to_until_a_probe_finds_it_well() {
        let (store, health) = sick();
        for (ails, state) in [(1, StoreState::ReadOnly), (2, StoreState::Down)] {
            store.ails.store(ails, Relaxed);
            for _ in 1..FAILURES_RUNNING {
                health.write_ended(false);
                health.read_ended(ails == 1);
                assert_eq!(health.known(), StoreState::Up);
            }
            health.write_ended(false);
            health.read_ended(ails == 1);
            assert_eq!(health.known(), state);
            // Nobody calls it meanwhile.
            sleep(Duration::from_secs(3600)).await;
            assert_eq!(health.known(), state);
            let (asked, probed) = (health.ask().await, store.reads.load(Relaxed));
            assert_eq!((asked, store.reads.load(Relaxed)), (state, probed));
            store.ails.store(0, Relaxed);
            sleep(Duration::from_secs(1)).await;
            assert_eq!(health.known(), StoreState::Up);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_was_only_asked_how_it_is_recovers_too() {
        let (store, health) = sick();
        for (ails, state) in [(1, StoreState::ReadOnly), (2, StoreState::Down)] {
            store.ails.store(ails, Relaxed);
            for _ in 0..2 * FAILURES_RUNNING {
                assert_eq!(health.ask().await, state);
            }
            assert_eq!(health.known(), state);
            store.ails.store(0, Relaxed);
            sleep(Duration::from_secs(1)).await;
            assert_eq!(health.known(), StoreState::Up);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_among_successes_say_nothing() {
        let (_store, health) = sick();
        for _ in 0..100 {
            health.read_ended(false);
            health.write_ended(false);
            health.read_ended(true);
            health.write_ended(true);
        }
        assert_eq!(health.known(), StoreState::Up);
    }

    #[tokio::test]
    async fn a_probe_leaves_nothing_behind() {
        let (store, health) = sick();
        assert_eq!(health.ask().await, StoreState::Up);
        assert!(format!("{:?}", store.store).contains("values: 0,"));
    }
}
