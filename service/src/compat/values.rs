//! Values in the store beside those of users.

use sha2::{Digest, Sha256};
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::Millis;

/// How often a value is written again while others change it.
const ATTEMPTS: usize = 8;

/// The key of a value of this kind. It is no user's key: a kind has a space, which no appid has.
pub(super) fn key(kind: &str, of: &[u8]) -> UserKey {
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(of)
        .finalize();
    UserKey(std::array::from_fn(|index| digest[index]))
}

/// Writes a value in place of whatever is there.
pub(super) async fn put(
    store: &dyn Store,
    key: UserKey,
    value: Vec<u8>,
    ttl: Millis,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let old = store.get(key).await?;
        if store.swap(key, old, Some(value.clone()), ttl).await? {
            return Ok(());
        }
    }
    Err(StoreError::Contended)
}
