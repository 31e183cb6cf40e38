//! What WeChat answers to a login code, and to a phone code.

use serde_json::Value;
use wxsession_server::wechat::{Account, WeChatError, signed_in};
use wxsession_service::wechat::phone_number;

const APPID: &str = "wx";

/// Who is named has a name that can stand in a header, and who has a number one that can be dialled; in the words of
/// the answer and no other.
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

/// Who has signed in, by what this server makes of it.
pub fn judge(answer: &[u8]) -> Result<Account, WeChatError> {
    signed_in(APPID, answer)
}

/// The answer of a success.
fn success(answer: &[u8]) -> Value {
    // What is not looked at may be anything.
    let answer = String::from_utf8_lossy(answer);
    let json: Value = serde_json::from_str(&answer).expect("only JSON is trusted");
    assert!(json["errcode"].is_null() || json["errcode"] == 0);
    json
}
