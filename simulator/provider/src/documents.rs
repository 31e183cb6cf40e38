//! What the provider publishes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::fake::{FakeProvider, Fault};
use crate::http::faulty;

/// `GET /.well-known/openid-configuration`.
pub(crate) async fn configuration(State(provider): State<FakeProvider>) -> Response {
    provider.count(|calls| calls.documents += 1);
    let issuer = provider.issuer();
    let fault = provider.fault();
    let claimed = match fault {
        Some(Fault::AnotherIssuer) => "https://id.example.com",
        _ => issuer,
    };
    let document = json!({
        "issuer": claimed,
        "jwks_uri": format!("{issuer}/jwks"),
        "token_endpoint": format!("{issuer}/token"),
        "device_authorization_endpoint": format!("{issuer}/device"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "ES384"],
    });
    answered(
        document,
        fault.filter(|fault| *fault != Fault::AnotherIssuer),
    )
    .await
}

/// `GET /jwks`.
pub(crate) async fn keys(State(provider): State<FakeProvider>) -> Response {
    provider.count(|calls| calls.keys += 1);
    answered(provider.keys(), provider.fault()).await
}

/// A document, as far as the fault lets it through.
async fn answered(document: Value, fault: Option<Fault>) -> Response {
    match fault {
        None => Json(document).into_response(),
        Some(Fault::Unavailable) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(document)).into_response()
        }
        Some(Fault::Endless) => format!("{document}{}", " ".repeat(1 << 20)).into_response(),
        Some(fault) => faulty(fault).await,
    }
}
