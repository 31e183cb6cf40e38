//! The JSON body of a request.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use wxsession_protocol::ProblemCode;

use crate::problem::Failure;

/// How long a body may be, in bytes.
pub(crate) const BODY_BYTES: usize = 16 * 1024;

/// The whole body. What the headers tell against it is answered before it is read, so that a client
/// that asks with `Expect: 100-continue` need not send it.
pub(crate) async fn read(request: Request) -> Result<Bytes, Failure> {
    if !is_json(request.headers()) {
        let detail = "send the header Content-Type: application/json";
        return Err(Failure::because(ProblemCode::UnsupportedMediaType, detail));
    }
    let too_large = || Failure::because(ProblemCode::BodyTooLarge, "a body may have 16 KiB");
    if request.body().size_hint().lower() > BODY_BYTES as u64 {
        return Err(too_large());
    }
    Bytes::from_request(request, &())
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => Failure::because(
                ProblemCode::BadRequest,
                "the body broke off or came too slowly",
            ),
        })
}

/// The fields of a body. What they should be is said where they are not; what serde says of it could
/// repeat a secret, so it is not passed on.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], fields: &str) -> Result<T, Failure> {
    // Looked for first, because serde takes an array of the fields' values as well.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let parsed = is_object.then(|| serde_json::from_slice(body).ok());
    parsed.flatten().ok_or_else(|| {
        let detail = format!("the body must be a JSON object with {fields}");
        Failure::because(ProblemCode::BadRequest, detail)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    essence.eq_ignore_ascii_case("application/json")
}
