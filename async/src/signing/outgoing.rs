//! What leaves the phone. Phones differ in how they escape a URL and serialise a body, and a proof is of the very bytes, so
//! nothing of either is left to wx. The rules are those of wx, and of js/beside/outgoing.ts.

use js_sys::{ArrayBuffer, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use crate::wx::{self, property, text};

#[wasm_bindgen]
extern "C" {
    /// Fails for a text with half of a surrogate pair.
    #[wasm_bindgen(catch, js_name = encodeURIComponent)]
    fn encoded(value: &JsValue) -> Result<String, JsValue>;
}

/// What a proof is about.
pub(super) struct Outgoing {
    /// In capitals.
    pub(super) method: String,
    /// The path, which is never empty, and the query.
    pub(super) target: String,
    /// The body's bytes, where they are known.
    pub(super) body: Option<Vec<u8>>,
}

impl Outgoing {
    /// Makes these options of `wx.request` what wx sends as it is. `None` if they cannot be sent at all.
    pub(super) fn of(options: &Object) -> Option<Self> {
        let method = text(&property(options, "method"))?.to_ascii_uppercase();
        let url = text(&property(options, "url"))?;
        let data = property(options, "data");
        let (origin, rest) = parts(&url)?;
        let mut target = format!("/{rest}");
        let mut body = None;
        if matches!(method.as_str(), "GET" | "HEAD") {
            let query = text(&data).or_else(|| form(&data)).unwrap_or_default();
            if !query.is_empty() {
                target.push(if target.contains('?') { '&' } else { '?' });
                target.push_str(&query);
            }
            let _ = Reflect::delete_property(options, &"data".into());
        } else if method.starts_with('P') && !data.is_null() && !data.is_undefined() {
            body = Some(sent(options, &data)?);
        }
        let target = escaped(&target);
        wx::set(options, "url", &format!("{origin}{target}").into());
        Some(Self {
            method,
            target,
            body,
        })
    }
}

/// Puts the body in the form in which wx leaves it alone, and returns its bytes.
fn sent(options: &Object, data: &JsValue) -> Option<Vec<u8>> {
    if let Some(bytes) = bytes(data) {
        let copy = Uint8Array::from(bytes.as_slice());
        wx::set(options, "data", &copy.buffer().into());
        return Some(bytes);
    }
    let written = match text(data) {
        Some(written) => written,
        None if is_form(&property(options, "header")) => form(data)?,
        None => JSON::stringify(data).ok()?.as_string()?,
    };
    // Half of a surrogate pair has become U+FFFD, as wx sends it.
    wx::set(options, "data", &written.as_str().into());
    Some(written.into_bytes())
}

fn bytes(data: &JsValue) -> Option<Vec<u8>> {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return Some(Uint8Array::new(buffer).to_vec());
    }
    let buffer: ArrayBuffer = property(data, "buffer").dyn_into().ok()?;
    let place = |name| wx::number(&property(data, name)).unwrap_or_default() as u32;
    let view = Uint8Array::new_with_byte_offset_and_length(
        &buffer,
        place("byteOffset"),
        place("byteLength"),
    );
    Some(view.to_vec())
}

/// Whether the headers say that the body is a form.
fn is_form(header: &JsValue) -> bool {
    let names = Reflect::own_keys(header).unwrap_or_default();
    names.iter().filter_map(|name| text(&name)).any(|name| {
        name.eq_ignore_ascii_case("content-type")
            && text(&property(header, &name)).is_some_and(|kind| kind.contains("form-u"))
    })
}

/// As wx makes a form or a query.
fn form(data: &JsValue) -> Option<String> {
    if !data.is_object() {
        return Some(String::new());
    }
    let pairs = Object::keys(data.unchecked_ref::<Object>())
        .into_iter()
        .map(|name| {
            let value = Reflect::get(data, &name).ok()?;
            let value = match value.is_object() || value.is_null() {
                true => JSON::stringify(&value).ok()?.into(),
                false => value,
            };
            Some(format!(
                "{}={}",
                encoded(&name).ok()?,
                encoded(&value).ok()?
            ))
        });
    Some(pairs.collect::<Option<Vec<_>>>()?.join("&"))
}

/// The origin, and what follows it without the first slash and without the fragment.
fn parts(url: &str) -> Option<(&str, &str)> {
    let authority = url.find("//")? + 2;
    let rest = url.get(authority..)?.find(['/', '?', '#']);
    let (origin, rest) = url.split_at(rest.map_or(url.len(), |rest| authority + rest));
    let rest = rest.split('#').next().unwrap_or_default();
    Some((origin, rest.strip_prefix('/').unwrap_or(rest)))
}

/// A target with all escaped that one phone or another would escape, and nothing twice.
fn escaped(target: &str) -> String {
    let mut escaped = String::new();
    for (at, byte) in target.bytes().enumerate() {
        let digits = target.as_bytes().get(at + 1..at + 3);
        let is_escape =
            byte == b'%' && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if is_escape || byte.is_ascii_alphanumeric() || b";,/?:@&=+$-_.!~*()".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escaped, parts};

    #[test]
    fn a_target_is_escaped_once_whatever_it_holds() {
        for (target, expected) in [
            ("/orders?page=2&all", "/orders?page=2&all"),
            ("/茶?a=绿 茶", "/%E8%8C%B6?a=%E7%BB%BF%20%E8%8C%B6"),
            ("/%E8%8c%b6?100%&%2", "/%E8%8c%b6?100%25&%252"),
            (
                "/it's?a[]={}|^`\"\\",
                "/it%27s?a%5B%5D=%7B%7D%7C%5E%60%22%5C",
            ),
        ] {
            assert_eq!(escaped(target), expected);
            assert_eq!(escaped(expected), expected);
        }
    }

    #[test]
    fn a_url_is_taken_apart_where_its_path_begins() {
        for (url, expected) in [
            ("https://a.example/b/c?d#e", ("https://a.example", "b/c?d")),
            ("https://a.example", ("https://a.example", "")),
            ("https://a.example?b=/c", ("https://a.example", "?b=/c")),
            ("https://a.example#/b", ("https://a.example", "")),
            ("https://a.example//b", ("https://a.example", "/b")),
        ] {
            assert_eq!(parts(url), Some(expected), "{url}");
        }
    }
}
