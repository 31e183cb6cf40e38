//! Where users' values are kept: what the rules need of a store, and the stores.

mod clock;
mod measured;
mod memory;
mod redb;
mod redis;

use std::pin::Pin;

use sha2::{Digest, Sha256};

pub(crate) use measured::Measured;
pub use memory::MemoryStore;
pub use redb::{OpenError, RedbStore};
pub use redis::{AddressError, RedisAddress, RedisStore};

/// A time or a span in milliseconds, of the store's clock.
pub type Millis = u64;

/// An answer of a store, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The key of a user's value: SHA-256 of appid, a zero byte and openid, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserKey(pub [u8; 16]);

impl UserKey {
    /// The key of this user of this mini program.
    pub fn new(appid: &str, openid: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(appid)
            .chain_update([0])
            .chain_update(openid)
            .finalize();
        Self(std::array::from_fn(|index| digest[index]))
    }
}

/// A keeper of one value per user. A value whose time is over is as absent as one never written.
///
/// The only write is [`swap`](Self::swap), so that two writers can never overwrite one another. A store
/// that can hang has a deadline of its own, after which it answers [`StoreError::Late`].
pub trait Store: Send + Sync + 'static {
    /// The value of a user.
    fn get(&self, user: UserKey) -> Answer<'_, Option<Vec<u8>>>;

    /// Puts `new` (nothing: removes the value) for `ttl` milliseconds, only if the value is still
    /// `old`; tells whether it did. An answer in time is durable; after an error the swap may or may
    /// not have been made.
    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> Answer<'_, bool>;

    /// The time by which all deadlines are judged. It never goes back, also not over a restart.
    fn now(&self) -> Millis;
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It failed, or cannot be reached.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It did not answer in time.
    #[error("the store did not answer in time")]
    Late,
    /// So much waits already that it takes no more.
    #[error("the store has too much to do")]
    Full,
    /// What it holds for a user cannot be read: damaged, or written by another version.
    #[error("a stored value is unreadable")]
    Unreadable,
    /// Others changed the value again and again while a change was being made.
    #[error("a value was changed by others too often")]
    Contended,
    /// Changes of the same value that came before took too long.
    #[error("a change waited for its turn too long")]
    NoTurn,
}

#[cfg(test)]
mod tests {
    use super::UserKey;

    #[test]
    fn the_parts_of_a_user_key_cannot_be_shifted() {
        assert_ne!(UserKey::new("wx1", "2"), UserKey::new("wx", "12"));
    }
}
