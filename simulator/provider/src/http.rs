//! The provider over HTTP, and the controls for other processes.

use std::future::pending;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::documents;
use crate::fake::{Calls, FakeProvider, Fault};
use crate::flows::Decision;
use crate::token::Signing;

pub(crate) fn router(provider: FakeProvider) -> Router {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(documents::configuration),
        )
        .route("/jwks", get(documents::keys))
        .route("/device", post(begin))
        .route("/token", post(poll))
        .route("/provider/id-token", post(id_token))
        .route("/provider/decide", post(decide))
        .route("/provider/rotate", post(rotate))
        .route("/provider/slow-down", post(slow_down))
        .route("/provider/faults", post(faults))
        .route("/provider/calls", get(calls))
        .with_state(provider)
}

/// What becomes of a call with a fault.
pub(crate) async fn faulty(fault: Fault) -> Response {
    match fault {
        Fault::Never => pending().await,
        Fault::Html => Html("<!doctype html><title>Sign in</title>").into_response(),
        Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fault::Redirect => Redirect::temporary("/jwks").into_response(),
        Fault::Endless => " ".repeat(1 << 20).into_response(),
        Fault::Nothing | Fault::AnotherIssuer => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Beginning {
    client_id: String,
    #[serde(default)]
    scope: String,
}

async fn begin(State(provider): State<FakeProvider>, Form(form): Form<Beginning>) -> Response {
    provider.count(|calls| calls.flows += 1);
    if let Some(fault) = provider.fault() {
        return faulty(fault).await;
    }
    if form.client_id.is_empty() || form.scope != "openid" {
        return refused("invalid_scope");
    }
    let begun = provider.begin();
    let page = format!("{}/activate", provider.issuer());
    Json(json!({
        "device_code": begun.device_code,
        "user_code": begun.user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", begun.user_code),
        "interval": 5,
        "expires_in": 900,
    }))
    .into_response()
}

#[derive(Deserialize)]
struct Polling {
    grant_type: String,
    device_code: String,
    client_id: String,
}

/// A client whose secret is `secret` presents it by HTTP Basic; other clients are public.
async fn poll(
    State(provider): State<FakeProvider>,
    headers: HeaderMap,
    Form(form): Form<Polling>,
) -> Response {
    provider.count(|calls| calls.polls += 1);
    if let Some(fault) = provider.fault() {
        return faulty(fault).await;
    }
    if form.grant_type != "urn:ietf:params:oauth:grant-type:device_code" {
        return refused("unsupported_grant_type");
    }
    let authorization = headers.get(header::AUTHORIZATION);
    if form.client_id == "confidential" && authorization.is_none() {
        return refused("invalid_client");
    }
    match provider.poll(&form.device_code) {
        Err(error) => refused(error),
        Ok(user) => {
            let mut claims = provider.claims(&user, &form.client_id, "");
            if let Some(claims) = claims.as_object_mut() {
                claims.remove("nonce");
            }
            let id_token = provider.sign(Signing::Rs256, &claims);
            let tokens = json!({ "token_type": "Bearer", "access_token": "of no use", "id_token": id_token });
            Json(tokens).into_response()
        }
    }
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user: String,
    client: String,
    nonce: String,
    #[serde(default)]
    signing: Signing,
    /// Claims that replace or join the usual ones.
    #[serde(default)]
    claims: Map<String, Value>,
}

async fn id_token(State(provider): State<FakeProvider>, Json(wanted): Json<Wanted>) -> Json<Value> {
    let mut claims = provider.claims(&wanted.user, &wanted.client, &wanted.nonce);
    if let Some(claims) = claims.as_object_mut() {
        claims.extend(wanted.claims);
    }
    Json(json!({ "id_token": provider.sign(wanted.signing, &claims) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    user_code: String,
    decision: Decision,
}

async fn decide(State(provider): State<FakeProvider>, Json(decided): Json<Decided>) -> StatusCode {
    if provider.decide(&decided.user_code, decided.decision) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn rotate(State(provider): State<FakeProvider>) -> StatusCode {
    provider.rotate();
    StatusCode::NO_CONTENT
}

async fn slow_down(
    State(provider): State<FakeProvider>,
    Json(questions): Json<usize>,
) -> StatusCode {
    provider.slow_down(questions);
    StatusCode::NO_CONTENT
}

async fn faults(State(provider): State<FakeProvider>, Json(next): Json<Vec<Fault>>) -> StatusCode {
    provider.faults(next);
    StatusCode::NO_CONTENT
}

async fn calls(State(provider): State<FakeProvider>) -> Json<Calls> {
    Json(provider.calls())
}
