//! Who a user is: to WeChat, and as the key of the user's value in the store.

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

/// The key of a user's value: SHA-256 of appid, a zero byte and openid, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
        let digest = Sha256::new()
            .chain_update(appid)
            .chain_update([0])
            .chain_update(openid)
            .finalize();
        Self(std::array::from_fn(|index| digest[index]))
    }
}

#[cfg(test)]
mod tests {
    use super::UserKey;

    #[test]
    fn the_parts_of_a_user_key_cannot_be_shifted() {
        assert_ne!(UserKey::new("wx1", "2"), UserKey::new("wx", "12"));
    }
}
