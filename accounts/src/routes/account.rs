//! The account as a whole: shown, given a new password, deleted.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::token::Token;
use wxsession_server::user::{Millis, User};

use super::{Desk, fields};
use crate::account::{Account, Way};
use crate::events::Happening;
use crate::identifier::Kind;
use crate::password::Password;
use crate::problems::weak;

/// Who is signed in.
#[derive(Serialize)]
pub(super) struct Shown {
    user: String,
    guest: bool,
    /// Whether one is set.
    password: bool,
    identities: Vec<Identity>,
    /// Seconds since the user last showed in this session who they are.
    proved: u64,
}

/// A way in, as its owner sees it.
#[derive(Serialize)]
pub(super) struct Identity {
    id: String,
    kind: Kind,
    shown: String,
    /// Seconds since 1970.
    since: u64,
}

impl Identity {
    pub(super) fn of(way: &Way) -> Self {
        Self {
            id: URL_SAFE_NO_PAD.encode(way.claim.0),
            kind: way.kind,
            shown: way.shown.clone(),
            since: way.since / 1000,
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    token: Token,
) -> Result<Json<Shown>, HttpProblem> {
    let sessions = &desk.accounts.sessions;
    let (user, _) = sessions.user(token).await?;
    let account = desk.account(&user)?;
    let proved = match user.proof(token.session()) {
        Some(proof) => proof.proved,
        None => desk.began(&user, token),
    };
    Ok(Json(Shown {
        user: user.name().unwrap_or_default(),
        guest: user.is_guest(),
        password: account
            .as_ref()
            .is_some_and(|account| account.password().is_some()),
        identities: match &account {
            Some(account) => desk.identities(&user, account).await?,
            None => Vec::new(),
        },
        proved: sessions.now().saturating_sub(proved) / 1000,
    }))
}

pub(super) async fn set_password(
    State(desk): State<Desk>,
    token: Token,
    request: Request,
) -> Result<StatusCode, HttpProblem> {
    let asking = desk.proven(token).await?;
    let fields = fields(request, "a string `password`").await?;
    let password = Password::new(fields.text("password")?);
    let door = &desk.accounts.door;
    let refused = |weakness| weak(weakness, door.least);
    door.check(&password, &asking.account).map_err(refused)?;
    door.limits.new_password(asking.user.key()).await?;
    let record = door.hasher.hash(&password).await?;
    let needed = || HttpProblem::new(ProblemCode::SignInNeeded);
    let holder = asking.user.holder(asking.token.session());
    let phone = holder.ok_or_else(needed)?.key();
    // The new password and the end of every other session are one swap.
    let changed = desk.change(
        asking.token,
        |account| {
            account.set_password(record.clone(), phone);
            Ok(account.user().to_owned())
        },
        |user, lifetimes, now| user.end_others(asking.token.session(), lifetimes, now),
    );
    let user = changed.await?;
    door.events.tell(&user, Happening::PasswordChanged);
    Ok(StatusCode::NO_CONTENT)
}

/// The account goes in one swap, with its sessions. From then on its identities lead nowhere; what is left of them is
/// removed before the answer.
pub(super) async fn delete(
    State(desk): State<Desk>,
    token: Token,
) -> Result<StatusCode, HttpProblem> {
    let token = desk.proven(token).await?.token;
    let deleted = desk.change(
        token,
        |account| Ok((account.user().to_owned(), account.ways().to_vec())),
        |user, lifetimes, now| user.delete(lifetimes, now),
    );
    let (user, ways) = deleted.await?;
    let door = &desk.accounts.door;
    door.events.tell(&user, Happening::Deleted);
    door.directory.forget(&ways).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Desk {
    /// When this session of a guest began.
    fn began(&self, user: &User, token: Token) -> Millis {
        let (sessions, id) = (&self.accounts.sessions, token.session());
        let (lifetimes, now) = (sessions.lifetimes(), sessions.now());
        let listed = user.list(lifetimes, now);
        let live = listed.into_iter().find(|live| live.id == id);
        live.map_or(now, |live| live.since(lifetimes, now))
    }

    /// The identities that count for the account: somebody else may have proven one that this account only named.
    async fn identities(
        &self,
        user: &User,
        account: &Account,
    ) -> Result<Vec<Identity>, HttpProblem> {
        let dangling = self.accounts.door.directory.dangling(user.key()).await?;
        let ways = account.ways().iter();
        let counting = ways.filter(|way| !dangling.contains(&way.claim));
        Ok(counting.map(Identity::of).collect())
    }
}
