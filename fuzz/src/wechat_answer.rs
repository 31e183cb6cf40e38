//! WeChat's answers to login codes and phone codes.

use serde_json::Value;
use wxsession_server::wechat::{Account, WeChatError, signed_in};
use wxsession_service::wechat::phone_number;

const APPID: &str = "wx";

/// An accepted id fits into a header, an accepted phone number can be dialled, and both are as the answer has them.
pub fn run(answer: &[u8]) {
    if let Ok(Account { identity, .. }) = judge(answer) {
        assert_eq!(identity.appid, APPID);
        let names = [Some(&identity.openid), identity.unionid.as_ref()];
        for name in names.into_iter().flatten() {
            assert!((1..=64).contains(&name.len()));
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            assert!(name.bytes().all(allowed));
        }
        assert_eq!(success(answer)["openid"], *identity.openid);
    }
    if let Ok(number) = phone_number(APPID, answer) {
        let parts = [
            &number.phone_number,
            &number.pure_phone_number,
            &number.country_code,
        ];
        for part in parts {
            assert!((1..=32).contains(&part.len()));
            let allowed = |byte: u8| byte.is_ascii_digit() || b"+- ".contains(&byte);
            assert!(part.bytes().all(allowed));
        }
        let found = &success(answer)["phone_info"];
        assert_eq!(found["phoneNumber"], *number.phone_number);
        assert_eq!(found["watermark"]["appid"], APPID);
        assert_eq!(found["watermark"]["timestamp"], number.timestamp);
    }
}

/// Reads an answer to a login code as this server does.
pub fn judge(answer: &[u8]) -> Result<Account, WeChatError> {
    signed_in(APPID, answer)
}

/// The JSON of an answer that reports success.
fn success(answer: &[u8]) -> Value {
    // Fields that the server does not read may hold anything.
    let answer = String::from_utf8_lossy(answer);
    let json: Value = serde_json::from_str(&answer).expect("only JSON is trusted");
    assert!(json["errcode"].is_null() || json["errcode"] == 0);
    json
}
