//! Codes that are sent, and nonces.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use wxsession_server::identity::UserKey;
use wxsession_server::{HttpProblem, Session};

use super::{Desk, fields};
use crate::challenge::{LIFE_SECONDS, Purpose, Sent};
use crate::identifier::Identifier;
use crate::problems::bad_request;

/// What the client may expect.
#[derive(Serialize)]
pub(super) struct Challenge {
    #[serde(flatten)]
    sent: Sent,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

pub(super) async fn send(
    State(desk): State<Desk>,
    session: Session,
    request: Request,
) -> Result<(StatusCode, Json<Challenge>), HttpProblem> {
    let fields = fields(request, "a string `purpose`").await?;
    let challenges = &desk.accounts.proofs.challenges;
    let holder = UserKey::new(&session.appid, &session.openid);
    let purpose = match fields.text("purpose")? {
        "sign_in" => Purpose::SignIn,
        "link" => Purpose::Link,
        "oidc" if desk.accounts.proofs.has("oidc") => {
            let sent = Sent {
                expires_in: LIFE_SECONDS,
                resend_in: 0,
            };
            let nonce = Some(challenges.nonce(holder)?);
            return Ok((StatusCode::ACCEPTED, Json(Challenge { sent, nonce })));
        }
        "oidc" => return Err(desk.accounts.proofs.unknown()),
        _ => return Err(bad_request("`purpose` must be sign_in, link or oidc")),
    };
    let identifier = Identifier::parse(fields.text("identifier")?)?;
    let sent = challenges.send(holder, purpose, &identifier).await?;
    Ok((StatusCode::ACCEPTED, Json(Challenge { sent, nonce: None })))
}
