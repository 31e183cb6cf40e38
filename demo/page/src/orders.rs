//! A business call that moves money, so that its backend insists on a signed body.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use wxsession_protocol::proof::{CONTENT_DIGEST_HEADER, is_digest_of};
use wxsession_server::{Session, Sessions};

/// Takes orders of users with a session.
pub(crate) fn routes(sessions: &Sessions) -> Router {
    Router::new()
        .route("/orders", post(order))
        .with_state(sessions.clone())
}

/// The session says that the digest was signed. Only who reads the body sees whether the digest is the body's.
async fn order(_: Session, headers: HeaderMap, body: Bytes) -> Response {
    let digest = headers.get(CONTENT_DIGEST_HEADER);
    let digest = digest.and_then(|digest| digest.to_str().ok());
    if !digest.is_some_and(|digest| is_digest_of(digest, &body)) {
        let problem = json!({ "code": "body_altered" });
        return (StatusCode::BAD_REQUEST, Json(problem)).into_response();
    }
    (StatusCode::CREATED, Json(json!({ "bytes": body.len() }))).into_response()
}
