//! What a server said instead of a session.

use js_sys::{JSON, RegExp};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use crate::redact::hide;
use crate::wx::text;

/// Characters of a text that an error keeps.
const LONGEST: usize = 999;

/// The server's document as JSON, without secrets; `None` if there is none. `may_hold` if there may be a session in the
/// document, under any name: then only what reads like a message remains. A state has to be sent back as it came, and a
/// reason of one word is one of the server's own. It is the rule of `said` in js/src/said.ts.
pub(crate) fn said(
    document: &JsValue,
    may_hold: bool,
    secrets: Vec<SecretString>,
) -> Option<String> {
    if document.is_falsy() {
        return None;
    }
    let is_secret = RegExp::new("token|session|secret|openid|unionid|cookie", "i");
    let is_kept = RegExp::new("state|reason", "");
    let replacer = move |name: JsValue, value: JsValue| {
        let said = text(&value);
        if said.is_none() && (value.is_null() || value.is_undefined() || value.is_object()) {
            return value;
        }
        let is_one_word = said
            .as_ref()
            .is_some_and(|said| said.bytes().all(|byte| byte.is_ascii_graphic()));
        let name = text(&name).unwrap_or_default();
        if is_secret.test(&name) || (may_hold && is_one_word) {
            return "***".into();
        }
        if is_one_word && is_kept.test(&name) {
            return value;
        }
        said.map_or(value, |said| {
            let hidden = secrets
                .iter()
                .fold(said, |said, secret| hide(&said, secret.expose_secret()));
            hidden.chars().take(LONGEST).collect::<String>().into()
        })
    };
    let replacer = Closure::<dyn FnMut(JsValue, JsValue) -> JsValue>::new(replacer);
    let json = JSON::stringify_with_replacer(document, replacer.as_ref().unchecked_ref());
    // A document that JSON cannot hold is not told.
    json.ok()?.as_string()
}
