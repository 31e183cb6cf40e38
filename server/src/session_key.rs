//! WeChat's session_key: the secret that one user's phone and this server share through WeChat.
//!
//! It never goes to a client. What WeChat encrypts with it is opened in [`crate::user_data`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub(crate) const BYTES: usize = 16;

/// A session_key. It is a secret: its `Debug` says nothing, it is compared in constant time and wiped
/// when dropped.
#[derive(Clone)]
pub struct SessionKey(pub(crate) Zeroizing<[u8; BYTES]>);

impl SessionKey {
    /// The key in WeChat's answer, if it is 16 bytes in base64.
    pub fn parse(encoded: &str) -> Option<Self> {
        let mut key = Zeroizing::new([0; BYTES]);
        (STANDARD.decode_slice(encoded, key.as_mut_slice()) == Ok(BYTES)).then_some(Self(key))
    }

    /// Whether `signature` is WeChat's of `raw_data`, as `wx.getUserInfo` gives the two: hexadecimal
    /// SHA-1 of the data and the key behind it.
    pub fn signs_raw_data(&self, raw_data: &str, signature: &str) -> bool {
        let genuine = Sha1::new()
            .chain_update(raw_data)
            .chain_update(self.encoded().as_slice())
            .finalize();
        let mut presented = [0; 20];
        decode_hex(signature, &mut presented) && genuine.ct_eq(&presented).into()
    }

    /// Whether `signature` is the hexadecimal HMAC-SHA256 of `data` under this key, which is what WeChat
    /// calls a user's login state signature.
    pub fn signs(&self, data: &[u8], signature: &str) -> bool {
        let mac = Hmac::<Sha256>::new_from_slice(self.encoded().as_slice())
            .expect("HMAC takes a key of any length");
        let mut presented = [0; 32];
        decode_hex(signature, &mut presented)
            && mac.chain_update(data).verify_slice(&presented).is_ok()
    }

    /// In both signatures the key stands as WeChat writes it, not as what it means.
    fn encoded(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()).into_bytes())
    }
}

fn decode_hex(text: &str, bytes: &mut [u8]) -> bool {
    let wanted = bytes.len();
    base16ct::mixed::decode(text, bytes).is_ok_and(|decoded| decoded.len() == wanted)
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

/// The samples of WeChat's own documentation.
#[cfg(test)]
pub(crate) fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("session_key/vectors.json")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::{SessionKey, vectors};

    fn text<'a>(vector: &'a serde_json::Value, field: &str) -> &'a str {
        vector[field].as_str().unwrap()
    }

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
    fn the_documented_signature_of_raw_data_is_genuine_and_no_other() {
        let vector = &vectors()["sha1_signature"];
        let key = SessionKey::parse(text(vector, "session_key")).unwrap();
        let (data, signature) = (text(vector, "raw_data"), text(vector, "signature"));
        assert!(key.signs_raw_data(data, signature));
        assert!(key.signs_raw_data(data, &signature.to_uppercase()));
        assert!(!key.signs_raw_data(&data[1..], signature));
        for forged in altered(signature) {
            assert!(!key.signs_raw_data(data, &forged), "{forged}");
        }
    }

    #[test]
    fn the_documented_hmac_is_genuine_and_no_other() {
        let vector = &vectors()["hmac_sha256"];
        let key = SessionKey::parse(text(vector, "session_key")).unwrap();
        let (data, signature) = (text(vector, "data").as_bytes(), text(vector, "signature"));
        assert!(key.signs(data, signature));
        assert!(!key.signs(&data[1..], signature));
        for forged in altered(signature) {
            assert!(!key.signs(data, &forged), "{forged}");
        }
    }

    /// The signature with each of its characters changed in turn, cut short and drawn out.
    fn altered(signature: &str) -> Vec<String> {
        let mut altered: Vec<_> = (0..signature.len())
            .map(|index| {
                let other = if &signature[index..=index] == "0" {
                    "1"
                } else {
                    "0"
                };
                let mut altered = signature.to_owned();
                altered.replace_range(index..=index, other);
                altered
            })
            .collect();
        altered.extend([
            String::new(),
            signature[..signature.len() - 2].to_owned(),
            format!("{signature}00"),
            format!("{}zz", &signature[2..]),
        ]);
        altered
    }

    #[test]
    fn a_key_does_not_show_in_debug_output() {
        let key = SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").unwrap();
        assert_eq!(format!("{key:?}"), "SessionKey(redacted)");
    }
}
