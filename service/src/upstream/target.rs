//! What a request is for.

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method};
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;

use super::headers;

/// What the client asks for, and of which host, if that can be carried.
pub(super) fn target(parts: &Parts) -> Result<(PathAndQuery, HeaderValue), HttpProblem> {
    // A backend that answers a TRACE repeats the headers that only it may see.
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(HttpProblem::new(ProblemCode::MethodNotAllowed));
    }
    let bad = |detail| HttpProblem::because(ProblemCode::BadRequest, detail);
    let target = parts.uri.path_and_query();
    let target = target.filter(|target| target.path().starts_with('/'));
    let target = target.ok_or_else(|| bad("the target of the request has to begin with `/`"))?;
    let one_host = "the header `Host` has to be there, once";
    let host = match parts.uri.authority() {
        // It goes before the header.
        Some(authority) => HeaderValue::try_from(authority_without_user(authority.as_str())).ok(),
        None => headers::single(&parts.headers, &HOST).cloned(),
    };
    let host = host.filter(|host| !host.is_empty());
    Ok((target.clone(), host.ok_or_else(|| bad(one_host))?))
}

/// Host and port of an authority, which may name a user before them.
fn authority_without_user(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place)
}
