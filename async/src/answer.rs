//! What a server answered. Anything may be in an answer, so every value is checked before it is used.

use std::fmt;

use js_sys::{Array, ArrayBuffer, Date, JSON, Reflect, RegExp, Uint8Array};
use secrecy::SecretString;
use wasm_bindgen::{JsCast, JsValue};
use wxsession::error::ErrorCode;
use wxsession::milliseconds::Milliseconds;
use wxsession::policy::{self, Refusal};
use wxsession::session::Session;

use crate::said::said;
use crate::wx::{number, property, text};

/// The server's answer as wx gave it.
///
/// ```no_run
/// # use wasm_bindgen::JsValue;
/// # use wxsession_async::Answer;
/// fn page(answer: &Answer) -> Option<JsValue> {
///     let is_json = answer.header("content-type")?.starts_with("application/json");
///     (answer.status() == 200 && is_json).then(|| answer.body())
/// }
/// ```
#[derive(Clone)]
pub struct Answer(JsValue);

impl Answer {
    /// The HTTP status; zero if wx gave none.
    pub fn status(&self) -> u16 {
        number(&property(&self.0, "statusCode")).unwrap_or(0.0) as u16
    }

    /// A header. The name is case-insensitive, and some hosts give lists or numbers.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = property(&self.0, "header");
        let names = Reflect::own_keys(&headers).ok()?;
        let found = names
            .iter()
            .filter_map(|key| text(&key))
            .find(|key| key.eq_ignore_ascii_case(name))?;
        let value = property(&headers, &found);
        let parts = match value.dyn_ref::<Array>() {
            Some(list) => list.to_vec(),
            None => vec![value],
        };
        let part = |value| text(value).or_else(|| number(value).map(|number| number.to_string()));
        Some(parts.iter().filter_map(part).collect::<Vec<_>>().join(", "))
    }

    /// The body: an object if wx parsed it as JSON, otherwise a string or an `ArrayBuffer`.
    pub fn body(&self) -> JsValue {
        property(&self.0, "data")
    }

    /// All that wx gave.
    pub fn value(&self) -> &JsValue {
        &self.0
    }

    /// Wraps what wx gave to a success callback.
    pub(crate) fn of(value: JsValue) -> Self {
        Self(value)
    }

    /// What the answer says about the session that the call carried. No answer below 400 is a refusal, so none is
    /// searched for a problem.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        let status = self.status();
        if status < 400 {
            return None;
        }
        policy::refusal(status, self.problem())
    }

    /// What the problem that the answer names means, if the client treats it specially.
    pub(crate) fn problem(&self) -> Option<ErrorCode> {
        policy::problem(&self.named()?)
    }

    /// The name of the problem, in the answer's challenge or else in its body.
    pub(crate) fn named(&self) -> Option<String> {
        let challenge = self.header("www-authenticate").unwrap_or_default();
        let named = RegExp::new(r#"WxSession\s+error="?(\w+)"#, "i")
            .exec(&challenge)
            .and_then(|found| text(&found.get(1)));
        named.or_else(|| text(&property(&self.content(), "code")))
    }

    /// The session that an exchange issued at `now`.
    pub(crate) fn session(&self, now: Milliseconds) -> Option<Session> {
        let body = self.content();
        let expires_in = property(&body, "expires_in");
        // Some servers write their numbers as text.
        let seconds = text(&expires_in).map(|_| expires_in.unchecked_into_f64());
        let expires_in = number(&expires_in).or(seconds).unwrap_or(f64::NAN);
        Session::issued(text(&property(&body, "sessionid"))?, expires_in, now)
    }

    /// Milliseconds that the server asks to wait; zero if the answer does not say.
    pub(crate) fn retry_after(&self) -> u32 {
        let after = self.header("retry-after").unwrap_or_default();
        let seconds = js_sys::parse_float(&after);
        if !seconds.is_nan() {
            return (seconds * 1000.0) as u32;
        }
        // A date is by the server's clock. The conversion turns NaN into zero.
        let date = self.header("date").unwrap_or_default();
        (Date::parse(&after) - Date::parse(&date)) as u32
    }

    /// What the answer says instead of a session, without these secrets.
    pub(crate) fn said(&self, mut secrets: Vec<SecretString>) -> Option<String> {
        let content = self.content();
        let unusable = text(&property(&content, "sessionid"));
        secrets.extend(unusable.map(SecretString::from));
        said(&content, self.status() < 300, secrets)
    }

    /// The body, parsed if it is JSON that wx left as text, because a byte order mark stands before it, or as bytes.
    pub(crate) fn content(&self) -> JsValue {
        let body = self.body();
        let bytes = body.dyn_ref::<ArrayBuffer>();
        text(&body)
            .or_else(|| bytes.map(decoded))
            .and_then(|body| JSON::parse(body.trim_start_matches('\u{feff}')).ok())
            .unwrap_or(body)
    }
}

fn decoded(bytes: &ArrayBuffer) -> String {
    String::from_utf8_lossy(&Uint8Array::new(bytes).to_vec()).into_owned()
}

/// Shows the status alone: the rest may hold secrets, and anyone may read a log.
impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
