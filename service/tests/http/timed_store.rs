//! A store whose time passes when a test says so.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreFuture};
use wxsession_server::user::Millis;

#[derive(Default)]
pub(crate) struct TimedStore {
    passed: AtomicU64,
    /// The values, and until when they are kept.
    values: Mutex<HashMap<UserKey, (Vec<u8>, Millis)>>,
}

impl TimedStore {
    /// Lets this much time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_millis() as Millis, Relaxed);
    }
}

impl Store for TimedStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        let values = self.values.lock().unwrap();
        let kept = values.get(&user).filter(|(_, until)| self.now() < *until);
        let value = kept.map(|(value, _)| value.clone());
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
        let mut values = self.values.lock().unwrap();
        values.retain(|_, (_, until)| now < *until);
        let applies = values.get(&user).map(|(value, _)| value) == old.as_ref();
        match new {
            _ if !applies => {}
            Some(value) => {
                values.insert(user, (value, now.saturating_add(ttl)));
            }
            None => {
                values.remove(&user);
            }
        }
        Box::pin(async move { Ok(applies) })
    }

    fn now(&self) -> Millis {
        // An ordinary day, because a clock does not start at zero.
        1_700_000_000_000 + self.passed.load(Relaxed)
    }
}
