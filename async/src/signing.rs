//! Signs the requests that carry a session whose sign-in brought a key. The core knows nothing of keys: they are in no
//! request, no error and no answer that it sees.

mod outgoing;

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wxsession_protocol::proof::{
    ALGORITHM, CONTENT_DIGEST_HEADER, Key, SIGNATURE_HEADER, SIGNATURE_INPUT_HEADER, Signable,
    Target, content_digest,
};

use self::outgoing::Outgoing;
use crate::answer::Answer;
use crate::options::Options;
use crate::wx::{self, number, property, text};

/// The sessions that may be under way at once: one that stands, one that takes its place, one that is being ended, and one
/// more.
const KEYS: usize = 4;

/// The seconds since 1970 that a clock may show, from 2001 to 2286. No other has ten digits.
const PLAUSIBLE: RangeInclusive<f64> = 1e9..=9_999_999_999.0;

/// The keys of sessions, and the clock that their proofs are made by.
pub(crate) struct Signing {
    is_wanted: bool,
    /// By session id; the latest is the last.
    keys: RefCell<Vec<(String, Key)>>,
    /// Milliseconds by which the server's clock is ahead of the phone's.
    ahead: Cell<f64>,
    last_nonce: Cell<u64>,
}

impl Signing {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            is_wanted: options.signed,
            keys: RefCell::default(),
            ahead: Cell::default(),
            last_nonce: Cell::default(),
        }
    }

    /// The fields by which a sign-in asks for a key.
    pub(crate) fn asked(&self) -> Vec<(&'static str, JsValue)> {
        match self.is_wanted {
            true => vec![("proof", ALGORITHM.into())],
            false => Vec::new(),
        }
    }

    /// Takes the key and the time out of what a sign-in brought.
    pub(crate) fn learn(&self, brought: &JsValue) {
        let ahead = number(&property(brought, "now")).map_or(0.0, ahead_by);
        self.remember(brought, "sessionid", ahead);
    }

    /// Takes the key of a kept session, and returns the version of what is kept. A program that does not sign must not take
    /// such a session for one that it can use, so its version is below zero, which the core does not know.
    pub(crate) fn restored(&self, kept: &JsValue, version: f64) -> f64 {
        let ahead = number(&property(kept, "ahead")).unwrap_or_default();
        match version < 0.0 && self.remember(kept, "id", ahead) {
            true => -version,
            false => version,
        }
    }

    /// Keeps the key beside its session, in the form of the npm package.
    pub(crate) fn keep(&self, id: &str, version: u32, kept: &Object) {
        if let Some(key) = self.key(id) {
            wx::set(kept, "version", &(-f64::from(version)).into());
            wx::set(kept, "key", &key.reveal().into());
            wx::set(kept, "ahead", &self.ahead.get().into());
        }
    }

    /// Signs the request with these options of wx, if this session has a key.
    pub(crate) fn sign(&self, options: &Object, id: &str) {
        let Some(key) = self.key(id) else { return };
        let Some(outgoing) = Outgoing::of(options) else {
            return;
        };
        let now = (js_sys::Date::now() + self.ahead.get()) / 1000.0;
        for (name, value) in headers(&key, &outgoing, now as u64, &self.nonce()) {
            replace(&property(options, "header"), name, &value);
        }
    }

    /// Whether a server has refused a request because the phone's clock is wrong. Sets the clock.
    pub(crate) fn is_late(&self, answer: &Answer) -> bool {
        if !self.is_wanted || answer.status() != 403 {
            return false;
        }
        let now = told_by_header(answer).or_else(|| told_by_body(answer));
        let now = now.filter(|now| PLAUSIBLE.contains(now));
        now.inspect(|now| self.ahead.set(ahead_by(*now))).is_some()
    }

    /// Remembers the key in this value, if there is one, as that of the session with the id in this field.
    fn remember(&self, value: &JsValue, id: &str, ahead: f64) -> bool {
        let key = text(&property(value, "key")).and_then(|key| Key::parse(&key));
        let (Some(key), Some(id), true) = (key, text(&property(value, id)), self.is_wanted) else {
            return false;
        };
        let mut keys = self.keys.borrow_mut();
        keys.retain(|(other, _)| *other != id);
        if keys.len() == KEYS {
            keys.remove(0);
        }
        keys.push((id, key));
        self.ahead.set(ahead);
        true
    }

    fn key(&self, id: &str) -> Option<Key> {
        let keys = self.keys.borrow();
        let (_, key) = keys.iter().find(|(of, _)| of == id)?;
        Some(key.clone())
    }

    /// The milliseconds, or one more where two are asked for in one. A nonce must be unique, not secret.
    fn nonce(&self) -> String {
        let nonce = (js_sys::Date::now() as u64).max(self.last_nonce.get() + 1);
        self.last_nonce.set(nonce);
        nonce.to_string()
    }
}

/// The server's time by the challenge. What follows one of another scheme is not the server's.
fn told_by_header(answer: &Answer) -> Option<f64> {
    let challenge = answer.header("www-authenticate")?;
    let told = challenge.strip_prefix(r#"WxSession error="proof_late", now="#)?;
    let digits = told.split(|character: char| !character.is_ascii_digit());
    digits.take(1).find_map(|digits| digits.parse().ok())
}

/// The same by the body, whose own fields alone count: an app's answer may quote anything.
fn told_by_body(answer: &Answer) -> Option<f64> {
    let content = answer.content();
    let code = text(&property(&content, "code"))?;
    number(&property(&content, "now")).filter(|_| code == "proof_late")
}

/// Milliseconds by which a clock that shows these seconds is ahead of the phone's.
fn ahead_by(seconds: f64) -> f64 {
    seconds * 1000.0 - js_sys::Date::now()
}

/// The headers that prove the key. There are none for what no server would take, such as a method with a blank.
fn headers(
    key: &Key,
    outgoing: &Outgoing,
    created: u64,
    nonce: &str,
) -> Vec<(&'static str, String)> {
    let digest = outgoing.body.as_deref().map(content_digest);
    let signed = Target::sent(&outgoing.target).and_then(|target| {
        let signable = Signable {
            method: &outgoing.method,
            target,
            digest: digest.as_deref(),
        };
        key.sign(signable, created, nonce)
    });
    let Some(signed) = signed else {
        return Vec::new();
    };
    let digest = digest.map(|digest| (CONTENT_DIGEST_HEADER, digest));
    let proof = [
        (SIGNATURE_INPUT_HEADER, signed.signature_input),
        (SIGNATURE_HEADER, signed.signature),
    ];
    digest.into_iter().chain(proof).collect()
}

/// Sets a header in place of the app's own, however that is spelled.
fn replace(header: &JsValue, name: &str, value: &str) {
    for own in Object::keys(header.unchecked_ref::<Object>()).iter() {
        let is_same = text(&own).is_some_and(|own| own.eq_ignore_ascii_case(name));
        if is_same {
            let _ = Reflect::delete_property(header.unchecked_ref::<Object>(), &own);
        }
    }
    wx::set(header.unchecked_ref::<Object>(), name, &value.into());
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wxsession_protocol::proof::Key;

    use super::headers;
    use super::outgoing::Outgoing;

    #[test]
    fn what_the_protocol_has_as_examples_is_signed_so() {
        let vectors = include_str!("../../protocol/src/proof/vectors.json");
        let vectors: Value = serde_json::from_str(vectors).expect("vectors");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let key = Key::parse(vectors["key"].as_str().expect("a key")).expect("a key");
        let created = vectors["created"].as_u64().expect("a time");
        let cases = vectors["cases"].as_array().expect("cases").iter();
        let cases: Vec<_> = cases.filter(|case| case["expect"].is_null()).collect();
        assert_eq!(cases.len(), 6);
        for case in cases {
            let outgoing = Outgoing {
                method: text(&case["method"]).expect("a method"),
                target: text(&case["target"]).expect("a target"),
                body: case["content_digest"]
                    .is_string()
                    .then(|| text(&case["body"]).unwrap_or_default().into_bytes()),
            };
            let nonce = case["nonce"].as_str().expect("a nonce");
            let found = headers(&key, &outgoing, created, nonce);
            let expected = ["content_digest", "signature_input", "signature"];
            let expected = expected.map(|name| (name.replace('_', "-"), text(&case[name])));
            let expected = expected
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            let found = found
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            assert_eq!(
                found.collect::<Vec<_>>(),
                expected.collect::<Vec<_>>(),
                "{}",
                case["name"]
            );
        }
    }
}
