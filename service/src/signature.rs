//! WeChat's signatures under a user's session_key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use wxsession_server::session_key::SessionKey;

/// Whether `signature` is WeChat's of `raw_data`, as `wx.getUserInfo` gives the two: hexadecimal SHA-1 of the
/// data followed by the key.
pub fn signs_raw_data(key: &SessionKey, raw_data: &str, signature: &str) -> bool {
    let genuine = Sha1::new()
        .chain_update(raw_data)
        .chain_update(encoded(key).as_slice())
        .finalize();
    let mut presented = [0; 20];
    decode_hex(signature, &mut presented) && genuine.ct_eq(&presented).into()
}

/// Whether `signature` is the hexadecimal HMAC-SHA256 of `data` under this key, which WeChat calls a user's
/// login state signature.
pub fn signs(key: &SessionKey, data: &[u8], signature: &str) -> bool {
    let mac = Hmac::<Sha256>::new_from_slice(encoded(key).as_slice())
        .expect("HMAC takes a key of any length");
    let mut presented = [0; 32];
    decode_hex(signature, &mut presented) && mac.chain_update(data).verify_slice(&presented).is_ok()
}

/// Both signatures take the key as WeChat writes it, in base64.
fn encoded(key: &SessionKey) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(STANDARD.encode(key.reveal()).into_bytes())
}

fn decode_hex(text: &str, bytes: &mut [u8]) -> bool {
    let wanted = bytes.len();
    base16ct::mixed::decode(text, bytes).is_ok_and(|decoded| decoded.len() == wanted)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wxsession_server::Sessions;
    use wxsession_server::identity::Identity;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::session_key::SessionKey;
    use wxsession_server::store::MemoryStore;
    use wxsession_server::token::Version;
    use wxsession_server::user::Lifetimes;

    use super::{signs, signs_raw_data};
    use crate::user_data::tests::vectors;

    fn text<'a>(vector: &'a serde_json::Value, field: &str) -> &'a str {
        vector[field].as_str().unwrap()
    }

    #[test]
    fn the_documented_signature_of_raw_data_is_genuine_and_no_other() {
        let vector = &vectors()["sha1_signature"];
        let key = SessionKey::parse(text(vector, "session_key")).unwrap();
        let (data, signature) = (text(vector, "raw_data"), text(vector, "signature"));
        assert!(signs_raw_data(&key, data, signature));
        assert!(signs_raw_data(&key, data, &signature.to_uppercase()));
        assert!(!signs_raw_data(&key, &data[1..], signature));
        for forged in altered(signature) {
            assert!(!signs_raw_data(&key, data, &forged), "{forged}");
        }
    }

    #[test]
    fn the_documented_hmac_is_genuine_and_no_other() {
        let vector = &vectors()["hmac_sha256"];
        let key = SessionKey::parse(text(vector, "session_key")).unwrap();
        let (data, signature) = (text(vector, "data").as_bytes(), text(vector, "signature"));
        assert!(signs(&key, data, signature));
        assert!(!signs(&key, &data[1..], signature));
        for forged in altered(signature) {
            assert!(!signs(&key, data, &forged), "{forged}");
        }
    }

    /// The signature with each of its characters changed in turn, shortened and lengthened.
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

    #[tokio::test]
    async fn signatures_are_checked_with_the_users_keys() {
        let vectors = vectors();
        let key = |vector: &str| SessionKey::parse(text(&vectors[vector], "session_key")).unwrap();
        let ring = KeyRing::generate().unwrap();
        let store = Arc::new(MemoryStore::new());
        let sessions = Sessions::new(store, &ring, Lifetimes::default(), ["wx"]);
        let ann = Identity {
            appid: "wx".into(),
            openid: "ann".into(),
            unionid: None,
        };
        let first = sessions
            .issue(&ann, &key("sha1_signature"), None, Version::Bearer)
            .await;
        let second = sessions
            .issue(&ann, &key("hmac_sha256"), None, Version::Bearer)
            .await;
        second.unwrap();
        let keys = sessions.session_keys(first.unwrap().token).await.unwrap();

        let vector = &vectors["sha1_signature"];
        let (data, signature) = (text(vector, "raw_data"), text(vector, "signature"));
        let check = |data| keys.any(|key| signs_raw_data(key, data, signature));
        assert!(check(data));
        assert!(!check(&data[1..]));

        let vector = &vectors["hmac_sha256"];
        let (data, signature) = (text(vector, "data").as_bytes(), text(vector, "signature"));
        let check = |data| keys.any(|key| signs(key, data, signature));
        assert!(check(data));
        assert!(!check(b""));
    }
}
