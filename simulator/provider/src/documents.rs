//! What the provider publishes.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::fake::{FakeProvider, Fault};
use crate::http::faulty;

/// `GET /.well-known/openid-configuration`.
pub(crate) async fn configuration(State(provider): State<FakeProvider>) -> Response {
    provider.count(|calls| calls.documents += 1);
    let issuer = provider.issuer();
    let claimed = match provider.fault() {
        None => issuer,
        Some(Fault::AnotherIssuer) => "https://id.example.com",
        Some(fault) => return faulty(fault).await,
    };
    let document = json!({
        "issuer": claimed,
        "jwks_uri": format!("{issuer}/jwks"),
        "token_endpoint": format!("{issuer}/token"),
        "device_authorization_endpoint": format!("{issuer}/device"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    });
    Json(document).into_response()
}

/// `GET /jwks`.
pub(crate) async fn keys(State(provider): State<FakeProvider>) -> Response {
    provider.count(|calls| calls.keys += 1);
    match provider.fault() {
        None => Json(provider.keys()).into_response(),
        Some(fault) => faulty(fault).await,
    }
}
