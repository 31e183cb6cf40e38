//! How often something has happened within a span, in the store, so that all servers on it count together.

use serde::{Deserialize, Serialize};
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::Millis;

/// The first byte of a stored tally. No user's value and no pointer begins with it.
const VERSION: u8 = 0x81;
/// How many times a tally is computed while others keep changing it.
const ATTEMPTS: usize = 8;

/// How often something may happen within a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How often.
    pub most: u32,
    /// Within which time, in milliseconds, counted from the first time.
    pub within: Millis,
}

/// How often something has happened since a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    count: u32,
    since: Millis,
}

/// Why something may not happen now.
#[derive(Debug, thiserror::Error)]
pub enum TallyError {
    /// It has happened too often.
    #[error("it happens too often")]
    Limited {
        /// How long it must not happen, in milliseconds.
        wait: Millis,
    },
    /// It cannot be counted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Tally {
    /// The tally after one more time.
    ///
    /// # Errors
    /// There may be no more for so many milliseconds.
    pub fn one_more(tally: Option<Self>, limit: Limit, now: Millis) -> Result<Self, Millis> {
        let running = tally.filter(|tally| now < tally.since.saturating_add(limit.within));
        let tally = running.unwrap_or(Self {
            count: 0,
            since: now,
        });
        if tally.count >= limit.most {
            return Err(tally.since.saturating_add(limit.within) - now);
        }
        Ok(Self {
            count: tally.count + 1,
            ..tally
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.count.to_be_bytes());
        bytes.extend(self.since.to_be_bytes());
        bytes
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (version, rest) = value.split_first()?;
        let (count, since) = rest.split_first_chunk()?;
        (*version == VERSION).then_some(Self {
            count: u32::from_be_bytes(*count),
            since: Millis::from_be_bytes(since.try_into().ok()?),
        })
    }
}

/// Counts one more time under this key, if the limit allows it.
///
/// # Errors
/// The limit does not, or the store fails.
pub async fn count(store: &dyn Store, key: UserKey, limit: Limit) -> Result<(), TallyError> {
    for _ in 0..ATTEMPTS {
        let old = store.get(key).await?;
        let tally = match old.as_deref() {
            None => None,
            // If it counted as absent, the limit would begin anew.
            Some(value) => Some(Tally::decode(value).ok_or(StoreError::Unreadable)?),
        };
        let now = store.now();
        let tally =
            Tally::one_more(tally, limit, now).map_err(|wait| TallyError::Limited { wait })?;
        let left = tally.since.saturating_add(limit.within) - now;
        if store.swap(key, old, Some(tally.encode()), left).await? {
            return Ok(());
        }
    }
    Err(StoreError::Contended.into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use wxsession_server::identity::UserKey;
    use wxsession_server::store::{MemoryStore, Store};

    use super::{Limit, Tally, TallyError, count};

    const LIMIT: Limit = Limit {
        most: 3,
        within: 1000,
    };

    #[test]
    fn the_limit_holds_within_the_span_and_begins_anew_after_it() {
        let mut tally = None;
        for now in [0, 400, 999] {
            tally = Some(Tally::one_more(tally, LIMIT, now).unwrap());
        }
        assert_eq!(Tally::one_more(tally, LIMIT, 999), Err(1));
        let anew = Tally::one_more(tally, LIMIT, 1000).unwrap();
        assert_eq!(
            anew,
            Tally {
                count: 1,
                since: 1000
            }
        );
    }

    #[tokio::test]
    async fn parallel_counts_cannot_slip_through() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let key = UserKey([7; 16]);
        let mut counts = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = Arc::clone(&store);
            counts.spawn(async move { count(&*store, key, LIMIT).await.is_ok() });
        }
        let allowed = counts.join_all().await.into_iter().filter(|is| *is).count();
        assert_eq!(allowed, 3);
        let limited = count(&*store, key, LIMIT).await;
        assert!(
            matches!(limited, Err(TallyError::Limited { wait: 1..=1000 })),
            "{limited:?}"
        );
    }

    #[tokio::test]
    async fn a_value_that_is_no_tally_does_not_begin_the_limit_anew() {
        let store = MemoryStore::new();
        let key = UserKey([7; 16]);
        store.swap(key, None, Some(vec![2, 0]), 1000).await.unwrap();
        assert!(matches!(
            count(&store, key, LIMIT).await,
            Err(TallyError::Store(_))
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_tally_or_none(value in prop::collection::vec(any::<u8>(), 0..20)) {
            if let Some(tally) = Tally::decode(&value) {
                prop_assert_eq!(tally.encode(), value);
            }
        }
    }
}
