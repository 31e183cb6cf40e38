//! What WeChat encrypts for this server and sends through the phone: `encryptedData` and its `iv`.
//!
//! WeChat uses AES-128-CBC with PKCS#7 under the session_key, which does not authenticate the ciphertext. So a caller
//! learns only that the data cannot be opened, whatever is wrong with it, and the watermark inside tells whether it was
//! meant for this mini program.

use std::fmt;

use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Decryptor;
use cbc::cipher::block_padding::{NoPadding, Padding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::session_key::SessionKey;
use wxsession_server::sessions::UserKeys;

/// The longest `encryptedData` that is accepted, in characters. WeChat's longest is about 1,000.
pub const ENCRYPTED_CHARACTERS: usize = 8 * 1024;

const BLOCK: usize = 16;

/// The decrypted data, of this mini program. It is about a person, so its `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct UserData {
    /// The JSON object that WeChat encrypted, as it wrote it.
    pub json: String,
    /// When WeChat encrypted the data, in seconds since 1970: a phone can present old data again.
    pub timestamp: u64,
}

/// The data is not WeChat's under this key for this mini program. Length, alphabet, padding, JSON and watermark share one
/// error, because a difference would tell what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the encrypted data cannot be opened with this user's session_key; let the mini program sign in \
     anew and obtain the data again after that"
)]
pub struct Unopenable;

impl From<Unopenable> for HttpProblem {
    fn from(unopenable: Unopenable) -> Self {
        Self::because(ProblemCode::BadRequest, unopenable.to_string())
    }
}

/// Opens the `encryptedData` and `iv` that WeChat gave to the phone of the user with these keys: a phone
/// number, a group or run data.
///
/// # Errors
/// The same error for everything that can be wrong with the data.
pub fn open(keys: &UserKeys, encrypted_data: &str, iv: &str) -> Result<UserData, Unopenable> {
    let mut keys_in_turn = keys.keys.iter();
    keys_in_turn
        .find_map(|key| decrypt(key, encrypted_data, iv, &keys.appid).ok())
        .ok_or(Unopenable)
}

/// Opens `encryptedData` that WeChat made for this mini program with this key.
///
/// # Errors
/// The same error for everything that can be wrong with the data.
pub fn decrypt(
    key: &SessionKey,
    encrypted_data: &str,
    iv: &str,
    appid: &str,
) -> Result<UserData, Unopenable> {
    if encrypted_data.len() > ENCRYPTED_CHARACTERS {
        return Err(Unopenable);
    }
    let mut start = [0; BLOCK];
    let encrypted = STANDARD.decode(encrypted_data).map_err(|_| Unopenable)?;
    if STANDARD.decode_slice(iv, &mut start) != Ok(BLOCK) {
        return Err(Unopenable);
    }
    let mut decrypted = Zeroizing::new(encrypted);
    Decryptor::<Aes128>::new(&(*key.reveal()).into(), &start.into())
        .decrypt_padded::<NoPadding>(&mut decrypted)
        .map_err(|_| Unopenable)?;
    // Wrong padding does not end the work here, so that it takes as long as anything else.
    let unpadded = unpad(&decrypted);
    let opened = read(unpadded.unwrap_or(&decrypted), appid);
    unpadded.and(opened).ok_or(Unopenable)
}

fn unpad(decrypted: &[u8]) -> Option<&[u8]> {
    let (before, last) = decrypted.split_last_chunk::<BLOCK>()?;
    let padded = Pkcs7::raw_unpad(last).ok()?.len();
    Some(&decrypted[..before.len() + padded])
}

fn read(json: &[u8], appid: &str) -> Option<UserData> {
    #[derive(Deserialize)]
    struct Marked {
        watermark: Watermark,
    }

    #[derive(Deserialize)]
    struct Watermark {
        appid: String,
        timestamp: u64,
    }

    let json = str::from_utf8(json).ok()?;
    let Marked { watermark } = serde_json::from_str(json).ok()?;
    (watermark.appid == appid).then(|| UserData {
        json: json.to_owned(),
        timestamp: watermark.timestamp,
    })
}

impl fmt::Debug for UserData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UserData")
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use aes::Aes128;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use cbc::Encryptor;
    use cbc::cipher::block_padding::NoPadding;
    use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
    use wxsession_server::session_key::SessionKey;
    use wxsession_server::sessions::UserKeys;

    use super::{BLOCK, ENCRYPTED_CHARACTERS, Unopenable, UserData, decrypt};

    const IV: &str = "AAAAAAAAAAAAAAAAAAAAAA==";

    /// The samples of WeChat's own documentation.
    pub(crate) fn vectors() -> serde_json::Value {
        serde_json::from_str(include_str!("user_data/vectors.json")).unwrap()
    }

    fn sample(byte: u8) -> SessionKey {
        SessionKey::parse(&STANDARD.encode([byte; 16])).unwrap()
    }

    /// Encrypts as WeChat does.
    fn encrypt(key: &SessionKey, json: &str) -> String {
        encrypt_padded(key, &pad(json))
    }

    /// Encrypts blocks that are already padded, so that a test can pad them wrongly.
    fn encrypt_padded(key: &SessionKey, padded: &[u8]) -> String {
        let mut blocks = padded.to_owned();
        let length = blocks.len();
        Encryptor::<Aes128>::new(&(*key.reveal()).into(), &[0; BLOCK].into())
            .encrypt_padded::<NoPadding>(&mut blocks, length)
            .unwrap();
        STANDARD.encode(blocks)
    }

    fn pad(json: &str) -> Vec<u8> {
        let padding = BLOCK - json.len() % BLOCK;
        let mut padded = json.as_bytes().to_owned();
        padded.resize(json.len() + padding, padding as u8);
        padded
    }

    fn open(padded: &[u8]) -> Result<UserData, Unopenable> {
        decrypt(&sample(1), &encrypt_padded(&sample(1), padded), IV, "wx")
    }

    #[test]
    fn data_is_opened_with_any_of_the_users_keys() {
        let keys = UserKeys {
            appid: "wx".into(),
            keys: vec![sample(2), sample(1)],
        };
        let json = r#"{"watermark":{"appid":"wx","timestamp":1}}"#;
        for byte in [1, 2] {
            assert!(super::open(&keys, &encrypt(&sample(byte), json), IV).is_ok());
        }
        let of_another = super::open(&keys, &encrypt(&sample(3), json), IV);
        assert_eq!(of_another.unwrap_err(), Unopenable);
    }

    #[test]
    fn the_documented_sample_is_opened_to_the_letter() {
        let vector = &vectors()["decrypt"];
        let text = |field: &str| vector[field].as_str().unwrap();
        let theirs = SessionKey::parse(text("session_key")).unwrap();
        let (data, iv) = (text("encrypted_data"), text("iv"));
        let opened = decrypt(&theirs, data, iv, text("appid")).unwrap();
        assert_eq!(opened.json, text("plaintext"));
        assert_eq!(opened.timestamp, 1_477_314_187);
        assert_eq!(decrypt(&theirs, data, iv, "wx another"), Err(Unopenable));
        assert_eq!(
            decrypt(&sample(1), data, iv, text("appid")),
            Err(Unopenable)
        );
    }

    #[test]
    fn whatever_is_wrong_the_error_is_the_same() {
        let genuine = r#"{"watermark":{"appid":"wx","timestamp":7}}"#;
        assert_eq!(open(&pad(genuine)).unwrap().timestamp, 7);
        let mut no_padding = pad(genuine);
        *no_padding.last_mut().unwrap() = 0;
        let mut too_much_padding = pad(genuine);
        *too_much_padding.last_mut().unwrap() = 17;
        let mut uneven_padding = pad(genuine);
        let length = uneven_padding.len();
        uneven_padding[length - 2] ^= 1;
        let mut blanks_for_padding = genuine.as_bytes().to_owned();
        blanks_for_padding.resize(genuine.len().next_multiple_of(BLOCK), b' ');
        for wrong in [
            Vec::new(),
            blanks_for_padding,
            no_padding,
            too_much_padding,
            uneven_padding,
            pad(""),
            pad("[]"),
            pad("{}"),
            pad(r#"{"watermark":{"appid":"wx"}}"#),
            pad(r#"{"watermark":{"appid":"wy","timestamp":7}}"#),
            pad(r#"{"watermark":{"appid":"wx","timestamp":-7}}"#),
            pad(
                r#"{"watermark":{"appid":"wy","timestamp":7},"watermark":{"appid":"wx","timestamp":7}}"#,
            ),
            pad(&format!("{genuine}{genuine}")),
        ] {
            assert_eq!(open(&wrong), Err(Unopenable), "{wrong:?}");
        }
        let encrypted = encrypt(&sample(1), genuine);
        let bytes = STANDARD.decode(&encrypted).unwrap();
        for (data, iv) in [
            (encrypted.as_str(), ""),
            (&encrypted, &IV[4..]),
            (&encrypted, "not base64 at all, this"),
            (&encrypted[1..], IV),
            (&encrypted.replace(|_| true, "-"), IV),
            (&STANDARD.encode(&bytes[..bytes.len() - 1]), IV),
            (&STANDARD.encode(&bytes[..bytes.len() - BLOCK]), IV),
        ] {
            assert_eq!(
                decrypt(&sample(1), data, iv, "wx"),
                Err(Unopenable),
                "{data} {iv}"
            );
        }
    }

    #[test]
    fn what_is_too_long_is_not_looked_at() {
        let json = |length: usize| {
            let begun = r#"{"watermark":{"appid":"wx","timestamp":7},"more":""#;
            format!("{begun}{}\"}}", "a".repeat(length - begun.len() - 2))
        };
        let longest = ENCRYPTED_CHARACTERS / 4 * 3 / BLOCK * BLOCK - 1;
        assert!(open(&pad(&json(longest))).is_ok());
        assert_eq!(open(&pad(&json(longest + 1))), Err(Unopenable));
    }

    #[test]
    fn the_data_does_not_show_in_debug_output() {
        let json = r#"{"phoneNumber":"13800000000","watermark":{"appid":"wx","timestamp":7}}"#;
        let shown = format!("{:?}", open(&pad(json)));
        assert!(!shown.contains("138"), "{shown}");
    }
}
