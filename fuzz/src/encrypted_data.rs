//! The `encryptedData` that a client passes on.

use std::sync::LazyLock;

use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use serde_json::Value;
use wxsession_server::session_key::SessionKey;
use wxsession_service::user_data::{ENCRYPTED_CHARACTERS, UserData, decrypt};

const APPID: &str = "wx";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
const IV: &str = KEY;
const BLOCK: usize = 16;

static SESSION_KEY: LazyLock<SessionKey> =
    LazyLock::new(|| SessionKey::parse(KEY).expect("the key is sound"));

/// Tries the input twice: as a ciphertext with its `iv` on a second line, and as the plaintext that WeChat encrypted.
pub fn run(input: &[u8]) {
    if let Ok(text) = str::from_utf8(input) {
        let (encrypted_data, iv) = text.split_once('\n').unwrap_or((text, IV));
        let _ = decrypt(&SESSION_KEY, encrypted_data, iv, APPID);
    }
    if let Some(opened) = open(input) {
        assert_eq!(opened.json.as_bytes(), input);
        let json: Value = serde_json::from_str(&opened.json).expect("only JSON is opened");
        let watermark = &json["watermark"];
        assert_eq!(watermark["appid"], APPID);
        assert_eq!(watermark["timestamp"], opened.timestamp);
    }
}

/// Opens these bytes after encrypting them as WeChat does.
pub fn open(plaintext: &[u8]) -> Option<UserData> {
    let mut blocks = plaintext.to_owned();
    blocks.resize(plaintext.len() + BLOCK, 0);
    let encrypted = Encryptor::<Aes128>::new(&[0; BLOCK].into(), &[0; BLOCK].into())
        .encrypt_padded::<Pkcs7>(&mut blocks, plaintext.len())
        .expect("there is room for the padding");
    let encrypted = STANDARD.encode(encrypted);
    let opened = decrypt(&SESSION_KEY, &encrypted, IV, APPID).ok();
    assert!(opened.is_none() || encrypted.len() <= ENCRYPTED_CHARACTERS);
    opened
}
