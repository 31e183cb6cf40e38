//! The ways into an account: added and removed.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::accounts::Credentials;
use wxsession_server::token::Token;

use super::account::Identity;
use super::{Asking, Desk, fields, login_code};
use crate::account::{Account, Full, UnlinkError};
use crate::challenge::Purpose;
use crate::directory::Newcomer;
use crate::events::Happening;
use crate::identifier::Identifier;
use crate::limits::{Guess, Phone};
use crate::link::Linked;
use crate::password::Password;
use crate::pointer::Claim;
use crate::problems::bad_request;
use crate::proofs::{Proven, Showing};
use crate::sign_in::Holder;

pub(super) async fn link(
    State(desk): State<Desk>,
    token: Token,
    request: Request,
) -> Result<(StatusCode, Json<Identity>), HttpProblem> {
    let asking = desk.proven(token).await?;
    let fields = fields(request, "strings `code` and `method`").await?;
    let method = fields.text("method")?;
    let holder = desk.holder(&asking, fields.text("code")?).await?;
    let newcomer = match method {
        "wechat" => Holder::new(&holder).newcomer(),
        "password" => return desk.link_by_password(&asking, &holder, &fields).await,
        other => {
            let showing = Showing {
                wechat: &holder,
                purpose: Purpose::Link,
                now: desk.accounts.sessions.now(),
            };
            match desk.accounts.proofs.prove(other, &fields, showing).await? {
                Proven::Known(newcomer) => newcomer,
                Proven::More { ask, state } => {
                    return Err(HttpProblem::new(ProblemCode::MoreNeeded)
                        .with("ask", ask)
                        .with("state", state));
                }
            }
        }
    };
    desk.add(&asking, newcomer).await
}

pub(super) async fn unlink(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    token: Token,
) -> Result<StatusCode, HttpProblem> {
    let mut claim = [0; 8];
    if URL_SAFE_NO_PAD.decode_slice(&id, &mut claim) != Ok(claim.len()) {
        return Err(UnlinkError::Unknown.into());
    }
    let asking = desk.proven(token).await?;
    let door = &desk.accounts.door;
    let dangling = door.directory.dangling(asking.user.key()).await?;
    let here = asking.token.session();
    let unlinked = desk.change(
        asking.token,
        |account| {
            account.unlist(&dangling);
            let way = account.unlink(Claim(claim))?;
            Ok((way, account.user().to_owned()))
        },
        |user, lifetimes, now| {
            user.revoke(lifetimes, now, |id, proof| proof.by == claim && id != here);
        },
    );
    let (way, user) = unlinked.await?;
    let identity = way.kind;
    door.events.tell(&user, Happening::Unlinked { identity });
    door.directory.forget(&[way]).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Desk {
    /// The WeChat user who holds the phone, shown by a login code. A session id that somebody has stolen links nothing.
    async fn holder(
        &self,
        asking: &Asking,
        code: &str,
    ) -> Result<wxsession_server::Identity, HttpProblem> {
        let code = login_code(code)?;
        let needed = || HttpProblem::new(ProblemCode::SignInNeeded);
        let holder = &asking.holder;
        let shown = self.exchange(&holder.appid, &code).await?;
        if shown.key() == holder.key() {
            Ok(shown)
        } else {
            Err(needed())
        }
    }

    /// Adds a name, a number or an address that nobody has proven, with the account's password.
    async fn link_by_password(
        &self,
        asking: &Asking,
        holder: &wxsession_server::Identity,
        fields: &Credentials,
    ) -> Result<(StatusCode, Json<Identity>), HttpProblem> {
        let door = &self.accounts.door;
        let identifier = Identifier::parse(fields.text("identifier")?)?;
        let password = Password::new(fields.text("password")?);
        let Some(record) = asking.account.password() else {
            return Err(bad_request(
                "the account has no password; set one before you link a name",
            ));
        };
        let guess = Guess {
            by: holder.key(),
            at: asking.user.key(),
            from: Phone::Known,
        };
        door.limits.guess(guess).await?;
        let verified = door.hasher.verify(&password, Some(record)).await;
        let linked = match verified {
            Ok(true) => self.add(asking, door.named(&identifier)).await,
            Ok(false) => Err(HttpProblem::new(ProblemCode::CredentialsWrong)),
            Err(busy) => Err(busy.into()),
        };
        let is_guess = linked.as_ref().is_err_and(|problem| {
            let code = problem.code();
            code == ProblemCode::CredentialsWrong || code == ProblemCode::IdentityTaken
        });
        if !is_guess {
            door.limits.forgive(guess).await?;
        }
        linked
    }

    /// Adds an identity, while the account has the password that it had.
    async fn add(
        &self,
        asking: &Asking,
        newcomer: Newcomer,
    ) -> Result<(StatusCode, Json<Identity>), HttpProblem> {
        let (key, kind) = (newcomer.key, newcomer.kind);
        let account = asking.user.key();
        let password = asking.account.password();
        let may = |account: &Account| account.password() == password;
        let door = &self.accounts.door;
        match door.directory.link(account, &[newcomer], may).await? {
            Linked::Done => {
                let linked = Happening::Linked { identity: kind };
                door.events.tell(asking.account.user(), linked);
            }
            Linked::Already => {}
            Linked::Taken => return Err(HttpProblem::new(ProblemCode::IdentityTaken)),
            Linked::Refused if asking.account.is_full() => return Err(Full.into()),
            Linked::Refused => return Err(HttpProblem::new(ProblemCode::ServerBusy)),
            Linked::Contended => return Err(HttpProblem::new(ProblemCode::AccountsUnavailable)),
        }
        let account = door.directory.books().read(account).await?;
        let ways = account.as_ref().map_or(&[][..], Account::ways);
        let way = ways.iter().rev().find(|way| way.key() == key);
        // It was unlinked at once, from another phone.
        let way = way.ok_or_else(|| HttpProblem::new(ProblemCode::ServerBusy))?;
        Ok((StatusCode::CREATED, Json(Identity::of(way))))
    }
}
