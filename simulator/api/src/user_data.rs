//! What WeChat encrypts and signs for a mini program's server, and sends by way of the phone.

use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use crate::phone_number::Watermark;
use crate::wechat::WeChat;

/// What `wx.getUserInfo` gives. It is about a person, so there is no `Debug`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    /// The data with openid and watermark, in AES-128-CBC under the session key, in base64.
    pub encrypted_data: String,
    /// Where the encryption began: 16 bytes in base64.
    pub iv: String,
    /// The data alone, as JSON.
    pub raw_data: String,
    /// SHA-1 of the data and the session key behind it, in hexadecimal.
    pub signature: String,
}

impl WeChat {
    /// Encrypts and signs this data of a user under the session key of the latest sign-in, if there was
    /// one.
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
