//! A store in this process's memory: for development, for tests, and where a restart may end all sessions.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::Clock;
use super::{Store, StoreFuture};
use crate::identity::UserKey;
use crate::user::Millis;

/// How many shelves there are. Each user belongs to one. With a million users a shelf holds about 250, so that few values
/// make room for a new one, and two calls seldom wait for the same shelf.
const SHELVES: usize = 4096;

/// A full shelf grows by one part in so many, where a vector of its own accord would double.
const GROWTH: usize = 16;

/// How many values each swap checks for having expired: more than a swap can add, so they never pile up.
const SWEPT_PER_SWAP: usize = 2;

/// Values in memory.
pub struct MemoryStore {
    clock: Clock,
    shelves: Box<[Mutex<Shelf>]>,
}

/// Some of the values, in the order of their users: a tree or a hash table would take half as much again as the places do.
#[derive(Default)]
struct Shelf {
    values: Vec<Value>,
    /// The place to be checked next for having expired.
    unchecked: usize,
}

struct Value {
    user: UserKey,
    /// When it is over, then its bytes. A time beside this would be 8 bytes more, because the allocator rounds this up anyway.
    content: Box<[u8]>,
}

impl Value {
    fn alive(&self, now: Millis) -> Option<&[u8]> {
        let (until, bytes) = self.content.split_first_chunk()?;
        (now < Millis::from_be_bytes(*until)).then_some(bytes)
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self {
            clock: Clock::start(0),
            shelves: (0..SHELVES).map(|_| Mutex::default()).collect(),
        }
    }

    /// The shelf of a user. A key is a digest, so users spread evenly.
    fn shelf(&self, user: UserKey) -> MutexGuard<'_, Shelf> {
        let place = usize::from(u16::from_be_bytes([user.0[0], user.0[1]]));
        lock(&self.shelves[place % SHELVES])
    }

    /// How many values there are, those that are over included.
    fn len(&self) -> usize {
        let shelves = self.shelves.iter();
        shelves.map(|shelf| lock(shelf).values.len()).sum()
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    // Nothing panics while it holds the lock, so even a poisoned one guards sound values.
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = formatter.debug_struct("MemoryStore");
        told.field("values", &self.len()).finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        let now = self.now();
        let value = self.shelf(user).alive(user, now).map(<[u8]>::to_vec);
        Box::pin(async { Ok(value) })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        let now = self.now();
        let mut shelf = self.shelf(user);
        let applies = shelf.alive(user, now) == old.as_deref();
        if applies {
            match new {
                Some(bytes) => {
                    let until = now.saturating_add(ttl).to_be_bytes();
                    shelf.put(user, [&until, &*bytes].concat().into());
                }
                None => {
                    if let Ok(place) = shelf.place(user) {
                        shelf.take(place);
                    }
                }
            }
            shelf.sweep(now);
        }
        Box::pin(async move { Ok(applies) })
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

impl Shelf {
    fn alive(&self, user: UserKey, now: Millis) -> Option<&[u8]> {
        self.values[self.place(user).ok()?].alive(now)
    }

    /// The place of a user's value, or the place where it would be.
    fn place(&self, user: UserKey) -> Result<usize, usize> {
        self.values.binary_search_by_key(&user, |value| value.user)
    }

    fn put(&mut self, user: UserKey, content: Box<[u8]>) {
        match self.place(user) {
            Ok(place) => self.values[place].content = content,
            Err(place) => {
                if self.values.len() == self.values.capacity() {
                    self.values.reserve_exact(1 + self.values.len() / GROWTH);
                }
                self.values.insert(place, Value { user, content });
            }
        }
    }

    fn take(&mut self, place: usize) {
        self.values.remove(place);
        if self.values.len() < self.values.capacity() / 2 {
            self.values.shrink_to_fit();
        }
    }

    fn sweep(&mut self, now: Millis) {
        for _ in 0..SWEPT_PER_SWAP {
            match self.values.get(self.unchecked) {
                Some(value) if value.alive(now).is_none() => self.take(self.unchecked),
                Some(_) => self.unchecked += 1,
                None => self.unchecked = 0,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::{MemoryStore, SHELVES, lock};
    use crate::identity::UserKey;

    /// A user of the first shelf.
    fn user(number: u16) -> UserKey {
        let mut key = [0; 16];
        key[2..4].copy_from_slice(&number.to_be_bytes());
        UserKey(key)
    }

    #[tokio::test]
    async fn values_that_are_over_leave_while_others_come() {
        let store = MemoryStore::new();
        let put = |number, ttl| store.swap(user(number), None, Some(vec![1]), ttl);
        for number in 0..500 {
            assert!(put(2 * number, 1).await.unwrap());
        }
        let until = store.now() + 1;
        while store.now() < until {
            std::thread::yield_now();
        }
        // Between those that are over.
        for number in 0..500 {
            assert!(put(2 * number + 1, 60_000).await.unwrap());
        }
        assert_eq!(store.len(), 500);
        for number in 0..500 {
            assert!(
                store
                    .swap(user(2 * number + 1), Some(vec![1]), None, 0)
                    .await
                    .unwrap()
            );
        }
        assert_eq!(store.len(), 0);
        // Their places are given back.
        assert!(lock(&store.shelves[0]).values.capacity() < 2);
    }

    #[tokio::test]
    async fn users_spread_over_all_shelves() {
        let store = MemoryStore::new();
        for number in 0..10 * SHELVES {
            let user = UserKey::new("wx", &number.to_string());
            assert!(store.swap(user, None, Some(vec![1]), 60_000).await.unwrap());
        }
        let full = store.shelves.iter().map(|shelf| lock(shelf).values.len());
        assert!(full.max().unwrap() < 40);
    }
}
