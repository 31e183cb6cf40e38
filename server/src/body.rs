//! The JSON body of a request.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use wxsession_protocol::{ProblemCode, proof};

use crate::problem::HttpProblem;
use crate::proof::{Coverage, Judged};

/// How long a body may be, in bytes.
pub(crate) const BODY_BYTES: usize = 16 * 1024;

/// Reads the whole body. If the headers already rule it out, it is refused unread, so that a client that asks
/// with `Expect: 100-continue` need not send it.
///
/// # Errors
/// The body is not JSON by its type, longer than 16 KiB, or breaks off.
pub async fn read(request: Request) -> Result<Vec<u8>, HttpProblem> {
    if !is_json(request.headers()) {
        let detail = "send the header Content-Type: application/json";
        return Err(HttpProblem::because(
            ProblemCode::UnsupportedMediaType,
            detail,
        ));
    }
    let mut body = request.into_body();
    let too_large =
        || HttpProblem::because(ProblemCode::BodyTooLarge, "a body may be 16 KiB at most");
    if body.size_hint().lower() > BODY_BYTES as u64 {
        return Err(too_large());
    }
    // Copied, because each part keeps the whole buffer that it was read into: a body that arrives byte by byte
    // would take kilobytes for each byte.
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| {
            let detail = "the body broke off or arrived too slowly";
            HttpProblem::because(ProblemCode::BadRequest, detail)
        })?;
        if let Some(part) = frame.data_ref() {
            if whole.len() + part.len() > BODY_BYTES {
                return Err(too_large());
            }
            whole.extend_from_slice(part);
        }
    }
    Ok(whole)
}

/// Reads the whole body of a request that presents a session. If the session's proof covers a digest of the body, the body
/// must have that digest.
///
/// # Errors
/// As [`read`]; and the body is not the one that was signed.
pub async fn read_signed(request: Request) -> Result<Vec<u8>, HttpProblem> {
    let headers = request.headers();
    let covers_body = match request.extensions().get::<Judged>() {
        Some(judged) => judged.coverage == Coverage::Body,
        // It was judged by hand, and a client that signs signs the digest that it sends.
        None => headers.contains_key(proof::SIGNATURE_HEADER),
    };
    let digest = headers.get(proof::CONTENT_DIGEST_HEADER);
    let digest = digest.filter(|_| covers_body).cloned();
    let body = read(request).await?;
    match digest {
        Some(digest) if digest.as_bytes() != proof::content_digest(&body).as_bytes() => {
            let detail = "the body is not the one that `Content-Digest` is of";
            Err(HttpProblem::because(ProblemCode::ProofInvalid, detail))
        }
        _ => Ok(body),
    }
}

/// Parses the fields of a body. The error says which `fields` the body should have; serde's own message could
/// repeat a secret, so it is dropped.
///
/// # Errors
/// The body is not a JSON object with these fields.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], fields: &str) -> Result<T, HttpProblem> {
    // Checked first, because serde also accepts an array of the fields' values.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let parsed = is_object.then(|| serde_json::from_slice(body).ok());
    parsed.flatten().ok_or_else(|| {
        let detail = format!("the body must be a JSON object with {fields}");
        HttpProblem::because(ProblemCode::BadRequest, detail)
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use wxsession_protocol::ProblemCode;
    use wxsession_protocol::proof::content_digest;

    use super::{read, read_signed};

    fn put(digest_of: Option<&str>, is_signed: bool) -> Request {
        let mut request = Request::put("/").header("content-type", "application/json");
        if let Some(body) = digest_of {
            request = request.header("content-digest", content_digest(body.as_bytes()));
        }
        if is_signed {
            request = request.header("signature", "wx=:…:");
        }
        request.body(Body::from("{}")).unwrap()
    }

    #[tokio::test]
    async fn a_body_that_was_altered_after_it_was_signed_is_refused() {
        assert_eq!(read_signed(put(Some("{}"), true)).await.unwrap(), b"{}");
        let altered = read_signed(put(Some("{ }"), true)).await;
        assert_eq!(altered.unwrap_err().code(), ProblemCode::ProofInvalid);
        // A proof of the head alone, and a digest that nobody has signed.
        assert!(read_signed(put(None, true)).await.is_ok());
        assert!(read_signed(put(Some("{ }"), false)).await.is_ok());
        assert!(read(put(Some("{ }"), true)).await.is_ok());
    }
}
