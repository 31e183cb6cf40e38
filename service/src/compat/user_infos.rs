//! Where the store keeps what WeChat told of users: sealed, and for as long as one who comes back need not be asked
//! again.

use std::sync::Arc;

use wxsession_accounts::sealed::Seals;
use wxsession_server::Identity;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::sessions::SessionsError;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::{Lifetimes, Millis};

use super::user_info::UserInfo;
use super::values;
use crate::measured_store::MeasuredStore;

const PURPOSE: &str = "wxsession/1/user-info";
const KIND: &str = "user info";
/// The first byte of a stored value. No other value in the store begins with it.
const VERSION: u8 = 0x85;

/// Seals what is stored.
pub(super) struct InfoSeals(Seals);

impl InfoSeals {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self(Seals::new(ring, PURPOSE))
    }
}

/// What WeChat told of users.
pub(super) struct UserInfos {
    store: MeasuredStore,
    seals: Arc<InfoSeals>,
    ttl: Millis,
}

impl UserInfos {
    pub(super) fn new(store: MeasuredStore, seals: Arc<InfoSeals>, lifetimes: Lifetimes) -> Self {
        let longest = lifetimes.absolute.max(lifetimes.renewable);
        Self {
            store,
            seals,
            ttl: Millis::try_from(longest.as_millis()).unwrap_or(Millis::MAX - 1),
        }
    }

    /// Keeps what WeChat has just told of a user.
    pub(super) async fn keep(&self, user: &Identity, told: &UserInfo) -> Result<(), SessionsError> {
        let key = place(user);
        let sealed = self.seals.0.seal(&key.0, &told.stored())?;
        let value = [&[VERSION], sealed.as_bytes()].concat();
        Ok(values::put(&self.store, key, value, self.ttl).await?)
    }

    /// What WeChat last told of a user. Nothing, too, if its key has left the ring.
    pub(super) async fn find(&self, user: &Identity) -> Result<Option<UserInfo>, StoreError> {
        let key = place(user);
        let value = self.store.get(key).await?;
        Ok(value.and_then(|value| {
            let sealed = str::from_utf8(value.strip_prefix(&[VERSION])?).ok()?;
            UserInfo::from_stored(&self.seals.0.open(&key.0, sealed)?)
        }))
    }
}

fn place(user: &Identity) -> UserKey {
    values::key(KIND, &user.key().0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wxsession_server::Identity;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::store::{MemoryStore, Store};
    use wxsession_server::user::Lifetimes;

    use super::{InfoSeals, UserInfos, place};
    use crate::compat::user_info::UserInfo;
    use crate::measured_store::MeasuredStore;

    fn infos(store: &Arc<MemoryStore>, ring: &KeyRing) -> UserInfos {
        let store = MeasuredStore::new(Arc::clone(store) as Arc<dyn Store>);
        let seals = Arc::new(InfoSeals::new(ring));
        UserInfos::new(store, seals, Lifetimes::default())
    }

    fn user(appid: &str, openid: &str) -> Identity {
        Identity {
            appid: appid.into(),
            openid: openid.into(),
            unionid: None,
        }
    }

    #[tokio::test]
    async fn what_is_told_of_a_user_is_found_for_that_user_alone() {
        let (store, ring) = (Arc::new(MemoryStore::new()), KeyRing::generate().unwrap());
        let infos = infos(&store, &ring);
        let (ann, ben) = (user("wx", "ann"), user("wx", "ben"));
        for nickname in ["Ann", "Anne"] {
            let json = format!(r#"{{"nickName":"{nickname}"}}"#);
            let told = UserInfo::told(&json, "ann").unwrap();
            infos.keep(&ann, &told).await.unwrap();
            assert_eq!(infos.find(&ann).await.unwrap(), Some(told));
        }
        for other in [&ben, &user("wy", "ann")] {
            assert_eq!(infos.find(other).await.unwrap(), None);
        }
        // A writer of the store cannot make it another user's.
        let value = store.get(place(&ann)).await.unwrap();
        store.swap(place(&ben), None, value, 1000).await.unwrap();
        assert_eq!(infos.find(&ben).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_the_ring_no_longer_opens_is_nothing() {
        let store = Arc::new(MemoryStore::new());
        let ann = user("wx", "ann");
        let told = UserInfo::told("{}", "ann").unwrap();
        let before = infos(&store, &KeyRing::generate().unwrap());
        before.keep(&ann, &told).await.unwrap();
        let after = infos(&store, &KeyRing::generate().unwrap());
        assert_eq!(after.find(&ann).await.unwrap(), None);
        after.keep(&ann, &told).await.unwrap();
        assert_eq!(after.find(&ann).await.unwrap(), Some(told));
    }
}
