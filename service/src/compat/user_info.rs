//! What WeChat tells of a user: nickname, picture and the like. Backends that were written for weapp-session know it as
//! `$wxUserInfo`.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};

use super::failure::Unreadable;

/// How long a user's info may be in a header. WeChat's is at most about 1,500 characters, and nginx takes 4 KiB for all
/// headers of an answer.
const HEADER_CHARACTERS: usize = 3 * 1024;

/// All that `encodeURIComponent` encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Of whom and when WeChat told it. No part of what it told.
const WATERMARK: &str = "watermark";

/// What WeChat tells of a user, with the user's openid.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct UserInfo(Map<String, Value>);

impl UserInfo {
    /// What this JSON, which WeChat has signed or encrypted, tells of the user with this openid.
    pub(super) fn told(json: &str, openid: &str) -> Result<Self, Unreadable> {
        let mut told: Map<String, Value> =
            serde_json::from_str(json).map_err(|_| Unreadable::Json)?;
        told.insert("openId".to_owned(), openid.into());
        let told = Self(told);
        told.header().map(|_| told).ok_or(Unreadable::Long)
    }

    /// As WeChat told it.
    pub(super) fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// As a header of a request to a backend: JSON, encoded like a component of a URI.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut told = self.0.clone();
        told.remove(WATERMARK);
        let json = Value::Object(told).to_string();
        let encoded = utf8_percent_encode(&json, ENCODED).to_string();
        let fits = encoded.len() <= HEADER_CHARACTERS;
        fits.then(|| HeaderValue::try_from(encoded).ok()).flatten()
    }

    pub(super) fn stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(Value::Object(self.0.clone()).to_string().into_bytes())
    }

    pub(super) fn from_stored(stored: &[u8]) -> Option<Self> {
        serde_json::from_slice(stored).ok().map(Self)
    }
}

/// What `decodeURIComponent` makes of this text.
pub(super) fn decoded(text: &str) -> Result<String, Unreadable> {
    if text.len() > HEADER_CHARACTERS {
        return Err(Unreadable::Long);
    }
    let mut parts = text.split('%');
    let is_hex = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let before = parts.next();
    if before.is_none() || !parts.all(is_hex) {
        return Err(Unreadable::Uri);
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(|decoded| decoded.into_owned())
        .map_err(|_| Unreadable::Uri)
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UserInfo(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{HEADER_CHARACTERS, UserInfo, decoded};
    use crate::compat::failure::Unreadable;

    fn header(told: &UserInfo) -> String {
        told.header().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_backend_reads_in_the_header_what_weapp_session_gave_it() {
        let raw_data = r#"{"nickName":"Alice 王小明 😀&=+%","gender":1,"openId":"somebody else"}"#;
        let told = UserInfo::told(raw_data, "openid").unwrap();
        let read: Value = serde_json::from_str(&decoded(&header(&told)).unwrap()).unwrap();
        let expected = json!({"nickName": "Alice 王小明 😀&=+%", "gender": 1, "openId": "openid"});
        assert_eq!(read, expected);
        assert_eq!(UserInfo::from_stored(&told.stored()), Some(told));
    }

    #[test]
    fn the_watermark_is_kept_for_the_client_and_not_told_the_backend() {
        let json = r#"{"watermark":{"appid":"wx","timestamp":1}}"#;
        let told = UserInfo::told(json, "openid").unwrap();
        assert_eq!(header(&told), "%7B%22openId%22%3A%22openid%22%7D");
        assert_eq!(told.object()["watermark"]["timestamp"], 1);
    }

    #[test]
    fn what_is_no_object_or_too_long_is_nothing_of_a_user() {
        for json in ["", "null", "[]", "1", "\"text\"", "{", "{}{}", "{\"a\":}"] {
            assert_eq!(UserInfo::told(json, "o"), Err(Unreadable::Json), "{json}");
        }
        let nested = "[".repeat(200_000);
        assert_eq!(UserInfo::told(&nested, "o"), Err(Unreadable::Json));
        let of =
            |length: usize| UserInfo::told(&format!("{{\"a\":\"{}\"}}", "a".repeat(length)), "o");
        let frame = header(&of(0).unwrap()).len();
        assert!(of(HEADER_CHARACTERS - frame).is_ok());
        assert_eq!(of(HEADER_CHARACTERS - frame + 1), Err(Unreadable::Long));
        assert_eq!(
            decoded(&"a".repeat(HEADER_CHARACTERS + 1)),
            Err(Unreadable::Long)
        );
    }

    #[test]
    fn a_text_that_javascript_would_not_decode_is_not_decoded() {
        for text in [
            "%",
            "%4",
            "%4g",
            "a%",
            "%%41",
            "%+1",
            "%ff",
            "%e7%8e",
            "%c0%80",
            "%ed%a0%80",
        ] {
            assert_eq!(decoded(text), Err(Unreadable::Uri), "{text}");
        }
        for (text, clear) in [("", ""), ("{\"a\": 1}", "{\"a\": 1}"), ("%7b+%7D", "{+}")] {
            assert_eq!(decoded(text).unwrap(), clear);
        }
    }

    #[test]
    fn nothing_of_it_shows_in_debug_output() {
        let told = UserInfo::told(r#"{"nickName":"Alice"}"#, "openid").unwrap();
        assert_eq!(format!("{told:?}"), "UserInfo(redacted)");
    }

    proptest! {
        #[test]
        fn whatever_a_nickname_is_it_arrives(nickname in "\\PC{0,60}", openid in "[A-Za-z0-9_-]{1,64}") {
            let json = json!({ "nickName": nickname }).to_string();
            let told = UserInfo::told(&json, &openid).unwrap();
            let header = header(&told);
            prop_assert!(header.bytes().all(|byte| byte.is_ascii_graphic()));
            let read: Value = serde_json::from_str(&decoded(&header).unwrap()).unwrap();
            prop_assert_eq!(read, json!({ "nickName": nickname, "openId": openid }));
        }

        #[test]
        fn no_header_makes_the_decoder_panic(text in "(%[0-9a-fA-F]{0,2}|\\PC){0,100}") {
            let _ = decoded(&text);
        }
    }
}
