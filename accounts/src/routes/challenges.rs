//! Codes that are sent, and nonces. They belong to the WeChat user who holds the phone: a session shows who that is, and
//! where there is none, a login code does.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use wxsession_server::accounts::Credentials;
use wxsession_server::identity::UserKey;
use wxsession_server::wechat::WeChatError;
use wxsession_server::{HttpProblem, Session};

use super::{Desk, fields, login_code};
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
    request: Request,
) -> Result<(StatusCode, Json<Challenge>), HttpProblem> {
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let fields = fields(request, "a string `purpose`").await?;
    let challenges = &desk.accounts.proofs.challenges;
    let holder = if fields.fields().contains_key("code") {
        desk.holder_by_code(&fields).await?
    } else {
        let session = Session::of(&parts, &desk.accounts.sessions).await?;
        UserKey::new(&session.appid, &session.openid)
    };
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

impl Desk {
    /// The WeChat user of a phone that has no session.
    async fn holder_by_code(&self, fields: &Credentials) -> Result<UserKey, HttpProblem> {
        let code = login_code(fields.text("code")?)?;
        let appids = self.accounts.sessions.appids();
        let appid = match appids {
            [only] if !fields.fields().contains_key("appid") => only,
            _ => {
                let named = fields.text("appid")?;
                let ours = appids.iter().find(|ours| *ours == named);
                ours.ok_or(WeChatError::AppidUnknown)?
            }
        };
        Ok(self.exchange(appid, &code).await?.key())
    }
}
