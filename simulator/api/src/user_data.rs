//! Data that WeChat encrypts and signs for a mini program's server, and sends through the phone.

use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use crate::fake::FakeWeChat;
use crate::phone_number::Watermark;

/// The result of `wx.getUserInfo`. It has no `Debug` because it is personal data.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    /// The data with openid and watermark, encrypted with AES-128-CBC under the session key, in base64.
    pub encrypted_data: String,
    /// The initialisation vector: 16 bytes in base64.
    pub iv: String,
    /// The data as JSON, without openid and watermark.
    pub raw_data: String,
    /// SHA-1 of `raw_data` followed by the session key, in hexadecimal.
    pub signature: String,
}

impl FakeWeChat {
    /// Encrypts and signs data of a user under the session key of the latest sign-in. Returns `None` before the first.
    pub fn user_data(
        &self,
        appid: &str,
        user: &str,
        mut data: Map<String, Value>,
    ) -> Option<UserData> {
        let session_key = self.session_key(appid, user)?;
        let raw_data = json!(data).to_string();
        let signature = Sha1::digest([&raw_data, &session_key].map(String::as_str).concat());
        data.insert("openId".into(), self.openid(appid, user).into());
        data.insert("watermark".into(), json!(Watermark::new(appid)));
        let key = STANDARD.decode(session_key).ok()?;
        let mut iv = [0; 16];
        fastrand::fill(&mut iv);
        let encryptor = Encryptor::<Aes128>::new_from_slices(&key, &iv).ok()?;
        let encrypted = encryptor.encrypt_padded_vec::<Pkcs7>(json!(data).to_string().as_bytes());
        Some(UserData {
            encrypted_data: STANDARD.encode(encrypted),
            iv: STANDARD.encode(iv),
            raw_data,
            signature: signature.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}
