//! What WeChat answers to a login code.

use serde_json::Value;
use wxsession_server::wechat::{Account, WeChatError, signed_in};

const APPID: &str = "wx";

/// Who is named has a name that can stand in a header, in the words of the answer and no other.
pub fn run(answer: &[u8]) {
    let Ok(account) = judge(answer) else {
        return;
    };
    let identity = account.identity;
    assert_eq!(identity.appid, APPID);
    let names = [Some(&identity.openid), identity.unionid.as_ref()];
    for name in names.into_iter().flatten() {
        assert!((1..=64).contains(&name.len()));
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        assert!(name.bytes().all(allowed));
    }
    // What is not looked at may be anything.
    let answer = String::from_utf8_lossy(answer);
    let json: Value = serde_json::from_str(&answer).expect("only JSON is trusted");
    assert_eq!(json["openid"], *identity.openid);
    assert!(json["errcode"].is_null() || json["errcode"] == 0);
}

/// What this server makes of it.
pub fn judge(answer: &[u8]) -> Result<Account, WeChatError> {
    signed_in(APPID, answer)
}
