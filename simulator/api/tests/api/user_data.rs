//! The user data that a phone carries to its mini program's server.

use crate::phone::{Phone, post};
use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

#[tokio::test]
async fn it_opens_with_the_session_key_of_the_latest_sign_in() {
    let phone = Phone::start().await;
    let ask = json!({ "user": "alice", "data": { "nickName": "Alice" } });
    let ask = || post(&phone.url, "/simulator/encrypt", &ask);
    assert_eq!(ask().await.unwrap().status, 409, "there is no key yet");
    phone.login("alice");
    let given = ask().await.unwrap().json();
    let text = |field: &str| given[field].as_str().unwrap().to_owned();

    let key = phone.wechat.session_key(&phone.app.appid, "alice").unwrap();
    let decode = |text: &str| STANDARD.decode(text).unwrap();
    let opened = Decryptor::<Aes128>::new_from_slices(&decode(&key), &decode(&text("iv")))
        .unwrap()
        .decrypt_padded_vec::<Pkcs7>(&decode(&text("encryptedData")))
        .unwrap();
    let opened: Value = serde_json::from_slice(&opened).unwrap();
    assert_eq!(opened["nickName"], "Alice");
    let openid = phone.wechat.openid(&phone.app.appid, "alice");
    assert_eq!(opened["openId"], openid);
    assert_eq!(opened["watermark"]["appid"], phone.app.appid);

    assert_eq!(text("rawData"), r#"{"nickName":"Alice"}"#);
    let signature = Sha1::digest(text("rawData") + &key);
    let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text("signature"), signature);
}
