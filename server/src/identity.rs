//! Who a user is: to WeChat, and as the key of the user's value in the store.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Who a user is to WeChat. Its `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The mini program.
    pub appid: String,
    /// The user within this mini program.
    pub openid: String,
    /// The user across all apps of the same owner, where WeChat tells it.
    pub unionid: Option<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Identity(redacted)")
    }
}

/// A WeChat user as the store keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredIdentity {
    /// Readable, as earlier releases wrote it.
    Open(Identity),
    /// Sealed, beside the key of this WeChat user.
    Sealed(UserKey, Vec<u8>),
}

impl StoredIdentity {
    /// The key of this WeChat user's value.
    pub fn key(&self) -> UserKey {
        match self {
            Self::Open(identity) => identity.key(),
            Self::Sealed(key, _) => *key,
        }
    }
}

impl From<Identity> for StoredIdentity {
    fn from(identity: Identity) -> Self {
        Self::Open(identity)
    }
}

impl Identity {
    /// The key of this WeChat user's value.
    pub fn key(&self) -> UserKey {
        UserKey::new(&self.appid, &self.openid)
    }
}

/// Whether `id` can be an appid, an openid or a unionid: 1 to 64 of `A-Z a-z 0-9 _ -`.
///
/// ```
/// use wxsession_server::identity::is_id;
///
/// assert!(is_id("oGZUI0egBJY1zhBYw2KhdUfwVJJE"));
/// assert!(!is_id("two words"));
/// ```
pub fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(allowed)
}

/// Whether `user` can name a user to backends: 1 to 64 printable ASCII characters without spaces, as in a header.
///
/// ```
/// use wxsession_server::identity::is_user;
///
/// assert!(is_user("42") && !is_user("li na"));
/// ```
pub fn is_user(user: &str) -> bool {
    (1..=64).contains(&user.len()) && user.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How the name of a guest begins.
const GUEST: &str = "g.";

/// The key of a user's value: SHA-256 of appid, a zero byte and openid, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserKey(pub [u8; 16]);

impl UserKey {
    /// The key of this mini program's user.
    ///
    /// ```
    /// use wxsession_server::identity::UserKey;
    ///
    /// let ann = UserKey::new("wx0123456789abcdef", "ann");
    /// assert_eq!(ann, UserKey::new("wx0123456789abcdef", "ann"));
    /// assert_ne!(ann, UserKey::new("wxfedcba9876543210", "ann"));
    /// ```
    pub fn new(appid: &str, openid: &str) -> Self {
        Self::hash(appid, openid)
    }

    /// The key of an account's value: SHA-256 of `a`, a zero byte and the user, cut to 16 bytes. No appid is `a`.
    pub fn of_account(user: &str) -> Self {
        Self::hash("a", user)
    }

    /// The user that backends see while this key's WeChat user is a guest: `g.` and the key in base64url.
    ///
    /// It never begins with a digit: MySQL, PHP and JavaScript read the number at the beginning of a text, and would take
    /// the guest for a user of that number.
    pub fn guest(self) -> String {
        let mut guest = String::with_capacity(GUEST.len() + 22);
        guest.push_str(GUEST);
        URL_SAFE_NO_PAD.encode_string(self.0, &mut guest);
        guest
    }

    /// The key of the guest whom backends know by this name, if it is a guest's.
    pub fn of_guest(user: &str) -> Option<Self> {
        let mut key = [0; 16];
        let decoded = URL_SAFE_NO_PAD.decode_slice(user.strip_prefix(GUEST)?, &mut key);
        (decoded == Ok(16)).then_some(Self(key))
    }

    fn hash(first: &str, second: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(first)
            .chain_update([0])
            .chain_update(second)
            .finalize();
        Self(std::array::from_fn(|index| digest[index]))
    }
}

#[cfg(test)]
mod tests {
    use super::UserKey;

    #[test]
    fn no_guest_is_taken_for_a_user_who_is_a_number() {
        for number in 0..=255 {
            let key = UserKey([number; 16]);
            let guest = key.guest();
            assert!(
                guest.starts_with(|first: char| first.is_ascii_lowercase()),
                "{guest}"
            );
            assert_eq!(UserKey::of_guest(&guest), Some(key));
            assert_eq!(UserKey::of_guest(&guest[2..]), None);
        }
    }

    #[test]
    fn the_parts_of_a_user_key_cannot_be_shifted() {
        assert_ne!(UserKey::new("wx1", "2"), UserKey::new("wx", "12"));
    }
}
