//! What a provider answers in a device flow: RFC 8628, §3.2 and §3.5.

use reqwest::{StatusCode, Url};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::provider::Issuer;

/// The interval of a provider that names none, in seconds.
const INTERVAL: u64 = 5;
/// The bounds of what a provider may ask a phone to wait, in seconds.
const LONGEST_INTERVAL: u64 = 60;
/// How long a flow may take, in seconds.
const LONGEST_LIFE: u64 = 1800;
/// How long a device code may be, in bytes. Entra's has about 300.
const DEVICE_CODE_BYTES: usize = 2048;
/// How long a text that a user reads may be, in bytes.
const SHOWN_BYTES: usize = 512;

/// A flow that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) verification_uri: String,
    pub(super) verification_uri_complete: Option<String>,
    /// Seconds between two questions.
    pub(super) interval: u64,
    /// Seconds until the flow is over.
    pub(super) expires_in: u64,
}

/// What became of a flow.
#[derive(Debug)]
pub(super) enum Polled {
    /// The user agreed.
    Granted(Granted),
    /// The user has not decided yet.
    Pending,
    /// As pending, and the questions come too fast.
    SlowDown,
    /// The user said no.
    Denied,
    /// The device code has expired, or it was used.
    Over,
    /// An answer without a meaning here. It names the provider's `error`, if that is a plain word.
    Failed(String),
}

/// The tokens of a user who agreed.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) access_token: Option<SecretString>,
    pub(super) id_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Beginning {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

/// Reads the answer to a flow's beginning. `None` if it cannot be trusted.
pub(super) fn begun(issuer: &Issuer, status: StatusCode, body: &[u8]) -> Option<Begun> {
    if status != StatusCode::OK {
        return None;
    }
    let begun: Beginning = serde_json::from_slice(body).ok()?;
    let opens = |address: &str| {
        let parsed = Url::parse(address);
        address.len() <= SHOWN_BYTES && parsed.is_ok_and(|address| issuer.vouches_for(&address))
    };
    let shown =
        |text: &str| (1..=SHOWN_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    let sound = (1..=DEVICE_CODE_BYTES).contains(&begun.device_code.len())
        && shown(&begun.user_code)
        && opens(&begun.verification_uri);
    sound.then_some(Begun {
        device_code: begun.device_code,
        user_code: begun.user_code,
        verification_uri: begun.verification_uri,
        verification_uri_complete: begun.verification_uri_complete.filter(|uri| opens(uri)),
        interval: begun
            .interval
            .unwrap_or(INTERVAL)
            .clamp(1, LONGEST_INTERVAL),
        expires_in: begun.expires_in.min(LONGEST_LIFE),
    })
}

#[derive(Deserialize)]
struct Polling {
    error: Option<String>,
    access_token: Option<SecretString>,
    id_token: Option<SecretString>,
}

/// Reads the answer to a question how a flow stands. GitHub answers 200 to all of them.
pub(super) fn polled(status: StatusCode, body: &[u8]) -> Polled {
    let Ok(polling) = serde_json::from_slice::<Polling>(body) else {
        return Polled::Failed(format!("{status}, without JSON"));
    };
    match polling.error.as_deref() {
        None if status == StatusCode::OK => Polled::Granted(Granted {
            access_token: polling.access_token,
            id_token: polling.id_token,
        }),
        None => Polled::Failed(status.to_string()),
        Some("authorization_pending") => Polled::Pending,
        Some("slow_down") => Polled::SlowDown,
        Some("access_denied" | "authorization_declined") => Polled::Denied,
        // `invalid_grant` and `bad_verification_code`: the code has brought tokens already.
        Some("expired_token" | "code_expired" | "invalid_grant" | "bad_verification_code") => {
            Polled::Over
        }
        Some(error) => Polled::Failed(plain(error)),
    }
}

/// A claim of a user-info document, if it can be a user's id: a short text, or a whole number.
pub(super) fn claim(body: &[u8], claim: &str) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let id = match document.get(claim)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    let printable = id.bytes().all(|byte| byte.is_ascii_graphic());
    ((1..=255).contains(&id.len()) && printable).then_some(id)
}

/// A word of somebody else's that may be logged.
fn plain(word: &str) -> String {
    let allowed = |letter: &char| letter.is_ascii_lowercase() || *letter == '_';
    let plain: String = word.chars().take(40).collect();
    if plain.chars().all(|letter| allowed(&letter)) {
        plain
    } else {
        "an error that is no plain word".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::{Value, json};

    use super::{Polled, begun, claim, polled};
    use crate::provider::Issuer;

    fn beginning(change: Value) -> Option<super::Begun> {
        let issuer: Issuer = "https://id.example.cn".parse().unwrap();
        let mut answer = json!({
            "device_code": "device", "user_code": "WDJB-MJHT",
            "verification_uri": "https://id.example.cn/device", "expires_in": 900,
        });
        answer
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        begun(&issuer, StatusCode::OK, answer.to_string().as_bytes())
    }

    #[test]
    fn a_beginning_is_bounded() {
        let plain = beginning(json!({})).unwrap();
        assert_eq!((plain.interval, plain.expires_in), (5, 900));
        let wild = json!({ "interval": 0, "expires_in": 1e9 as u64 });
        let wild = beginning(wild).unwrap();
        assert_eq!((wild.interval, wild.expires_in), (1, 1800));
        assert_eq!(beginning(json!({ "interval": 3600 })).unwrap().interval, 60);
    }

    #[test]
    fn a_beginning_that_cannot_be_trusted_is_none() {
        for change in [
            json!({ "device_code": "" }),
            json!({ "device_code": "d".repeat(2049) }),
            json!({ "device_code": 7 }),
            json!({ "user_code": "" }),
            json!({ "user_code": "A\u{0}B" }),
            json!({ "verification_uri": "http://id.example.cn/device" }),
            json!({ "verification_uri": "javascript:alert(1)" }),
            json!({ "expires_in": null }),
            json!({ "expires_in": -1 }),
        ] {
            assert!(beginning(change.clone()).is_none(), "{change}");
        }
        let issuer: Issuer = "https://id.example.cn".parse().unwrap();
        assert!(begun(&issuer, StatusCode::OK, b"<html>").is_none());
        // Left out rather than shown.
        let complete = beginning(json!({ "verification_uri_complete": "http://a" })).unwrap();
        assert!(complete.verification_uri_complete.is_none());
    }

    #[test]
    fn every_word_of_the_token_endpoint_has_its_meaning() {
        let ask = |status: u16, answer: &str| {
            polled(StatusCode::from_u16(status).unwrap(), answer.as_bytes())
        };
        let error = |status, word: &str| ask(status, &json!({ "error": word }).to_string());
        for status in [200, 400] {
            assert!(matches!(
                error(status, "authorization_pending"),
                Polled::Pending
            ));
            assert!(matches!(error(status, "slow_down"), Polled::SlowDown));
            assert!(matches!(error(status, "access_denied"), Polled::Denied));
            assert!(matches!(error(status, "expired_token"), Polled::Over));
            assert!(matches!(error(status, "invalid_grant"), Polled::Over));
            assert!(
                matches!(error(status, "invalid_client"), Polled::Failed(word) if word == "invalid_client")
            );
        }
        assert!(matches!(
            ask(200, r#"{"id_token":"a.b.c"}"#),
            Polled::Granted(_)
        ));
        for (status, answer) in [(500, "{}"), (200, "<html>"), (302, ""), (400, "[]")] {
            assert!(
                matches!(ask(status, answer), Polled::Failed(_)),
                "{status} {answer}"
            );
        }
        let Polled::Failed(word) = error(400, "a\nforged line") else {
            panic!()
        };
        assert!(!word.contains('\n'));
    }

    #[test]
    fn a_claim_is_a_short_text_or_a_whole_number() {
        for (document, id) in [
            (json!({ "id": 583_231 }), Some("583231")),
            (json!({ "id": "583231" }), Some("583231")),
            (json!({ "id": 1.5 }), None),
            (json!({ "id": -1 }), None),
            (json!({ "id": "" }), None),
            (json!({ "id": null }), None),
            (json!({ "id": "a".repeat(256) }), None),
            (json!({ "login": "octocat" }), None),
        ] {
            assert_eq!(
                claim(document.to_string().as_bytes(), "id").as_deref(),
                id,
                "{document}"
            );
        }
    }
}
