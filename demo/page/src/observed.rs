//! The store of a world: the server's own memory store, with a clock that can be set forward and can stand still. It tells of
//! every call, and can be made unavailable.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use wxsession_server::identity::UserKey;
use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
use wxsession_server::user::Millis;

use crate::trace::{Lane, Outcome, Trace};

/// A memory store that can be watched.
pub(crate) struct Observed {
    store: MemoryStore,
    trace: Trace,
    switches: Arc<Switches>,
}

/// What a visitor can do to a store.
#[derive(Default)]
pub(crate) struct Switches {
    is_away: AtomicBool,
    ahead: AtomicU64,
    stands: AtomicBool,
    /// The time at which the clock stands; 0 before it is first asked.
    stands_at: AtomicU64,
}

impl Switches {
    /// Whether every call fails from now on.
    pub(crate) fn be_away(&self, away: bool) {
        self.is_away.store(away, Ordering::Relaxed);
    }

    /// Sets the store's clock forward.
    pub(crate) fn pass(&self, time: Millis) {
        self.ahead.fetch_add(time, Ordering::Relaxed);
    }

    /// Whether the store's clock stands still from now on.
    pub(crate) fn stand(&self, stands: bool) {
        self.stands_at.store(0, Ordering::Relaxed);
        self.stands.store(stands, Ordering::Relaxed);
    }

    /// The time of the store's clock, where a clock that was never set shows this.
    fn now(&self, running: Millis) -> Millis {
        let now = running + self.ahead.load(Ordering::Relaxed);
        if !self.stands.load(Ordering::Relaxed) {
            return now;
        }
        let stood = self
            .stands_at
            .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        stood.err().unwrap_or(now)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.is_away.load(Ordering::Relaxed) {
            let switched_off = io::Error::other("switched off on the page");
            return Err(StoreError::Failed(Box::new(switched_off)));
        }
        Ok(())
    }
}

impl Observed {
    pub(crate) fn new(trace: Trace, switches: Arc<Switches>) -> Self {
        Self {
            store: MemoryStore::new(),
            trace,
            switches,
        }
    }
}

impl Store for Observed {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let call = self.trace.begin(Lane::Store, "get");
            let found = match self.switches.check() {
                Ok(()) => self.store.get(user).await,
                Err(away) => Err(away),
            };
            match &found {
                Ok(Some(_)) => call.end(Outcome::Ok, "found"),
                Ok(None) => call.end(Outcome::Ok, "nothing"),
                Err(_) => call.end(Outcome::Failed, "away"),
            }
            found
        })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let call = self.trace.begin(Lane::Store, "swap");
            let swapped = match self.switches.check() {
                Ok(()) => self.store.swap(user, old, new, ttl).await,
                Err(away) => Err(away),
            };
            match &swapped {
                Ok(true) => call.end(Outcome::Ok, "swapped"),
                Ok(false) => call.end(Outcome::Refused, "changed meanwhile"),
                Err(_) => call.end(Outcome::Failed, "away"),
            }
            swapped
        })
    }

    fn now(&self) -> Millis {
        self.switches.now(self.store.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_shows_the_time_at_which_it_was_first_asked_until_it_runs_again() {
        let switches = Switches::default();
        switches.pass(100);
        assert_eq!(switches.now(1), 101);
        switches.stand(true);
        assert_eq!([switches.now(2), switches.now(9)], [102, 102]);
        switches.stand(false);
        assert_eq!(switches.now(10), 110);
        switches.stand(true);
        assert_eq!([switches.now(11), switches.now(12)], [111, 111]);
    }
}
