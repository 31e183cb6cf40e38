//! The sessions of a user, guest or not: the phones that are signed in, or can be without a tap.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::token::Token;
use wxsession_server::user::{Device, SessionId};

use super::Desk;
use crate::account::Account;
use crate::identifier::Kind;
use crate::pointer::Claim;
use crate::sign_in::WECHAT;

/// A phone, as its owner sees it.
#[derive(Serialize)]
pub(super) struct Listed {
    id: String,
    /// Whether it is the one that asks.
    here: bool,
    /// When the user signed in on it, in seconds since 1970.
    since: u64,
    /// When it was last used, in seconds since 1970, to within a tenth of the idle timeout.
    used: u64,
    /// The kind of the identity that the session was made by.
    by: Kind,
    shown: String,
}

pub(super) async fn list(
    State(desk): State<Desk>,
    token: Token,
) -> Result<Json<Vec<Listed>>, HttpProblem> {
    let sessions = &desk.accounts.sessions;
    let (user, _) = sessions.user(token).await?;
    let here = token.session();
    let (lifetimes, now) = (sessions.lifetimes(), sessions.now());
    let listed = match desk.account(&user)? {
        Some(account) => {
            let devices = user.devices(lifetimes, now).into_iter();
            devices
                .map(|device| of_account(&account, device, here))
                .collect()
        }
        None => {
            let live = user.list(lifetimes, now).into_iter();
            live.map(|live| Listed {
                id: shown(live.id),
                here: live.id == here,
                since: live.since(lifetimes, now) / 1000,
                used: now.saturating_sub(live.unused) / 1000,
                by: Kind::WeChat,
                shown: WECHAT.into(),
            })
            .collect()
        }
    };
    Ok(Json(listed))
}

/// Ending a session that has already ended succeeds: the answer may have been lost.
pub(super) async fn end(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    token: Token,
) -> Result<StatusCode, HttpProblem> {
    let mut session = [0; 16];
    if URL_SAFE_NO_PAD.decode_slice(&id, &mut session) != Ok(session.len()) {
        let detail = "the user has no such session";
        return Err(HttpProblem::because(ProblemCode::NotFound, detail));
    }
    let sessions = &desk.accounts.sessions;
    let ended = sessions.change(token, |user, lifetimes, now| {
        user.revoke_one(SessionId(session), lifetimes, now);
        Ok(())
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A session whose identity was unlinked since is one of the phone's WeChat user.
fn of_account(account: &Account, device: Device, here: SessionId) -> Listed {
    let way = account.way(Claim(device.proof.by));
    Listed {
        id: shown(device.id),
        here: device.id == here,
        since: device.proof.proved / 1000,
        used: device.used / 1000,
        by: way.map_or(Kind::WeChat, |way| way.kind),
        shown: way.map_or(WECHAT, |way| &way.shown).to_owned(),
    }
}

fn shown(id: SessionId) -> String {
    URL_SAFE_NO_PAD.encode(id.0)
}
