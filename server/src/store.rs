//! Where users' values are kept: what the rules need of a store, and the store in memory.

mod clock;
mod memory;

use std::pin::Pin;
use std::sync::Arc;

use crate::identity::UserKey;
use crate::user::Millis;

pub use clock::Clock;
pub use memory::MemoryStore;

/// The time to live of a value that stays until it is removed, and is never let go before that.
pub const FOR_EVER: Millis = Millis::MAX;

/// What a signed request is remembered by, for its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(pub [u8; 16]);

/// Whether a mark was noted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It was not, and is now.
    New,
    /// It was.
    Again,
    /// The store remembers no marks, because no other server shares it: the caller remembers them.
    Nowhere,
}

/// What a call of a store returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps one value per user. A value whose time is over is as absent as one never written.
///
/// The only write is [`swap`](Self::swap), so that two writers can never overwrite one another. A store
/// that can hang has a deadline of its own, after which it fails with [`StoreError::Late`].
/// `contract::check` (with the feature `contract`) tests whether a store keeps all this.
///
/// ```
/// use wxsession_server::identity::UserKey;
/// use wxsession_server::store::{MemoryStore, Store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), wxsession_server::store::StoreError> {
/// let store = MemoryStore::new();
/// let ann = UserKey::new("wx0123456789abcdef", "ann");
/// assert!(store.swap(ann, None, Some(b"one".to_vec()), 60_000).await?);
/// // Somebody else read the value before it was there.
/// assert!(!store.swap(ann, None, Some(b"two".to_vec()), 60_000).await?);
/// assert_eq!(store.get(ann).await?, Some(b"one".to_vec()));
/// # Ok(())
/// # }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Returns the value of a user.
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Writes `new` (`None` removes the value) for `ttl` milliseconds, or [`FOR_EVER`], only if the value is still `old`;
    /// returns whether it did. A removal may pass a `ttl` of 0; it has no meaning there. A swap that returns in time is
    /// durable; after an error it may or may not have been made.
    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool>;

    /// Returns the value of a user, and notes a mark of the user for at least `ttl` milliseconds, in one trip to the store.
    /// Of two calls with the same mark, be it at the same time and at different servers, one alone finds it new.
    ///
    /// A store that several servers share must do this itself, or a request that one has served could be sent to the next.
    /// A mark need not be durable. A store around another one passes the call on.
    fn get_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> StoreFuture<'_, (Option<Vec<u8>>, Noted)> {
        let _ = (mark, ttl);
        let value = self.get(user);
        Box::pin(async { Ok((value.await?, Noted::Nowhere)) })
    }

    /// The time by which all deadlines are judged. It never goes backwards, not even across a restart, unless a clock that
    /// was wrong is put right.
    fn now(&self) -> Millis;

    /// Whether it is known that nothing can be read or written now, so that trying is in vain.
    fn is_away(&self) -> bool {
        false
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        (**self).get(user)
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        (**self).swap(user, old, new, ttl)
    }

    fn get_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> StoreFuture<'_, (Option<Vec<u8>>, Noted)> {
        (**self).get_noting(user, mark, ttl)
    }

    fn now(&self) -> Millis {
        (**self).now()
    }

    fn is_away(&self) -> bool {
        (**self).is_away()
    }
}

/// Why a call of a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store failed, or cannot be reached.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store did not answer in time.
    #[error("the store did not answer in time")]
    Late,
    /// Too many calls are waiting already.
    #[error("the store has too much to do")]
    Full,
    /// The value of a user is damaged, or was written by another version.
    #[error("a stored value is unreadable")]
    Unreadable,
    /// Others changed the value again and again while a change was being made.
    #[error("a value was changed by others too often")]
    Contended,
    /// Earlier changes of the same value took too long.
    #[error("a change waited for its turn too long")]
    NoTurn,
}
