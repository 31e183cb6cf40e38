//! WeChat's session_key: the secret that one user's phone and this server share through WeChat.
//!
//! It never goes to a client.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use subtle::ConstantTimeEq;

pub(crate) const BYTES: usize = 16;

/// A session_key. It is a secret: its `Debug` output is redacted, it is compared in constant time and wiped
/// when dropped.
#[derive(Clone)]
pub struct SessionKey(pub(crate) Zeroizing<[u8; BYTES]>);

impl SessionKey {
    /// The key in WeChat's answer, if it is 16 bytes in base64.
    ///
    /// ```
    /// use wxsession_server::session_key::SessionKey;
    ///
    /// assert!(SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").is_some());
    /// assert!(SessionKey::parse("HyVFkGl5").is_none());
    /// ```
    pub fn parse(encoded: &str) -> Option<Self> {
        let mut key = Zeroizing::new([0; BYTES]);
        (STANDARD.decode_slice(encoded, key.as_mut_slice()) == Ok(BYTES)).then_some(Self(key))
    }

    /// The key's bytes, for opening what WeChat encrypted with them.
    pub fn reveal(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl PartialEq for SessionKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for SessionKey {}

impl fmt::Debug for SessionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionKey(redacted)")
    }
}

/// A key for tests that need some.
#[cfg(test)]
pub(crate) fn sample(byte: u8) -> SessionKey {
    SessionKey(Zeroizing::new([byte; BYTES]))
}

#[cfg(test)]
mod tests {
    use super::SessionKey;

    #[test]
    fn a_key_is_16_bytes_in_base64() {
        assert!(SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").is_some());
        for wrong in [
            "",
            "HyVFkGl5F5OQWJZZaNzB",
            "HyVFkGl5F5OQWJZZaNzBBg",
            "HyVFkGl5F5OQWJZZaNzBBgA=",
            "HyVFkGl5F5OQWJZZaNzBBh==",
            "HyVFkGl5F5OQWJZZaNzB_g==",
            " HyVFkGl5F5OQWJZZaNzBBg==",
        ] {
            assert!(SessionKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn keys_are_equal_when_their_bytes_are() {
        let key = SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").unwrap();
        assert_eq!(key, key.clone());
        assert_ne!(key, SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBw==").unwrap());
    }

    #[test]
    fn a_key_does_not_show_in_debug_output() {
        let key = SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").unwrap();
        assert_eq!(format!("{key:?}"), "SessionKey(redacted)");
    }
}
