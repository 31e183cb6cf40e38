//! The simulated WeChat of a world, which tells of the codes that it issues and exchanges.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use wxsession_simulator::FakeWeChat;

use crate::trace::{Lane, Outcome, Trace};

/// Bytes. WeChat's answers are a few lines.
const ANSWER_BYTES: usize = 16 * 1024;

/// The simulator's own routes, watched.
pub(crate) fn router(wechat: FakeWeChat, trace: Trace) -> Router {
    wxsession_simulator::router(wechat).layer(middleware::from_fn_with_state(trace, observe))
}

async fn observe(State(trace): State<Trace>, request: Request, next: Next) -> Response {
    let what = match request.uri().path() {
        "/simulator/login" => "login code",
        "/sns/jscode2session" => "code2Session",
        // Controls, which neither phones nor servers call.
        _ => return next.run(request).await,
    };
    let step = trace.begin(Lane::WeChat, what);
    let (head, body) = next.run(request).await.into_parts();
    let Ok(bytes) = to_bytes(body, ANSWER_BYTES).await else {
        step.end(Outcome::Failed, "cut off");
        return StatusCode::BAD_GATEWAY.into_response();
    };
    // WeChat reports a failure only by a number in the body.
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    match answer["errcode"].as_i64().unwrap_or_default() {
        0 => step.end(Outcome::Ok, ""),
        busy @ -1 => step.end(Outcome::Failed, format!("errcode {busy}: busy")),
        code => step.end(Outcome::Refused, format!("errcode {code}")),
    }
    Response::from_parts(head, Body::from(bytes))
}
