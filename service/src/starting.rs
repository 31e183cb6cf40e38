//! What a server answers while its store is still being opened: its process is well, it is not ready, and everything else
//! has to come back later.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;

use crate::{edge, requests};

/// The routes of the public listener.
pub(crate) fn in_short() -> Router {
    routes(json!({ "ready": false }))
}

/// The routes of the internal listener. Nobody has to present its token to be told this.
pub(crate) fn in_detail() -> Router {
    routes(json!({ "ready": false, "store": "opening" }))
}

fn routes(unready: Value) -> Router {
    let later = "the server has just started and reads its store; ask again later";
    let ready = (StatusCode::SERVICE_UNAVAILABLE, Json(unready));
    let guard = edge::admitting(edge::headers_fit);
    Router::new()
        .route("/healthz", get(StatusCode::OK))
        .route("/readyz", get(ready))
        .fallback(async move || HttpProblem::because(ProblemCode::StoreUnavailable, later))
        .layer((requests::Telling::new(), edge::uncached(), guard))
}
