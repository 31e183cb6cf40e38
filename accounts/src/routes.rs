//! The routes by which users see and change their own account.
//!
//! | route | what it does | takes a recent proof |
//! |---|---|---|
//! | `GET /wx/account` | shows who is signed in | |
//! | `DELETE /wx/account` | deletes the account | yes |
//! | `PUT /wx/account/password` | sets the password, and ends every other session | yes |
//! | `POST /wx/account/identities` | adds a way in, which the credential beside it shows | yes |
//! | `DELETE /wx/account/identities/{id}` | removes one, and ends the sessions made by it | yes |
//! | `POST /wx/challenges` | sends a code, or gives a nonce | |
//! | `GET /wx/sessions` | lists the phones that are signed in, or can be silently | |
//! | `DELETE /wx/sessions/{id}` | ends one of them | |
//!
//! *What an attacker can try:*
//! - to take an account over by a stolen session id, or on a phone that was left unlocked: what changes an account takes a
//!   proof of the last ten minutes in this very session (`what_changes_an_account_takes_a_recent_proof`), and what adds a
//!   way in takes a login code of the WeChat user who holds the phone (`a_stolen_session_links_nothing`);
//! - to learn by linking which names exist: being told that one is taken counts as a wrong guess
//!   (`asking_for_names_by_linking_them_is_guessing`).

mod account;
mod challenges;
mod identities;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request};
use axum::routing::{delete, get, post, put};
use secrecy::zeroize::Zeroizing;
use wxsession_protocol::ProblemCode;
use wxsession_server::accounts::Credentials;
use wxsession_server::token::Token;
use wxsession_server::user::{Lifetimes, Millis, User};
use wxsession_server::wechat::{Exchange, LoginCode};
use wxsession_server::{HttpProblem, Identity, Sessions, body};

use crate::account::Account;
use crate::books::opened;
use crate::built_in::BuiltIn;
use crate::identifier::Kind;
use crate::problems::bad_request;

/// How old the proof may be by which an account is changed. OWASP ASVS 5.0 (7.5.1) asks for one; ten minutes are enough
/// to find the page.
const PROOF: Millis = 10 * 60 * 1000;

/// The routes whose `POST` exchanges a login code at WeChat, as a sign-in does.
pub const EXCHANGING: [&str; 2] = ["/wx/account/identities", "/wx/challenges"];

impl BuiltIn {
    /// The routes, for users whose login codes are exchanged by `wechat`.
    pub fn routes(&self, wechat: Arc<dyn Exchange>) -> Router {
        let desk = Desk {
            accounts: self.clone(),
            wechat,
        };
        Router::new()
            .route("/wx/account", get(account::show).delete(account::delete))
            .route("/wx/account/password", put(account::set_password))
            .route("/wx/account/identities", post(identities::link))
            .route("/wx/account/identities/{id}", delete(identities::unlink))
            .route("/wx/challenges", post(challenges::send))
            .route("/wx/sessions", get(sessions::list))
            .route("/wx/sessions/{id}", delete(sessions::end))
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed))
            .with_state(desk)
    }
}

/// What the routes share.
#[derive(Clone)]
struct Desk {
    accounts: BuiltIn,
    wechat: Arc<dyn Exchange>,
}

/// An account, with the session that asks.
struct Asking {
    token: Token,
    user: User,
    /// The WeChat user who holds the phone.
    holder: Identity,
    account: Account,
}

impl FromRef<Desk> for Sessions {
    fn from_ref(desk: &Desk) -> Self {
        desk.accounts.sessions.clone()
    }
}

impl Desk {
    /// The account of a live session whose user has just shown who they are.
    async fn proven(&self, token: Token) -> Result<Asking, HttpProblem> {
        let sessions = &self.accounts.sessions;
        let (user, holder) = sessions.user(token).await?;
        let account = self.judged(&user, token, sessions.now())?;
        Ok(Asking {
            token,
            user,
            holder,
            account,
        })
    }

    /// The WeChat user whom a login code stands for. No code is spent while nothing can come of it.
    async fn exchange(&self, appid: &str, code: &LoginCode) -> Result<Identity, HttpProblem> {
        if self.accounts.sessions.are_away() {
            return Err(HttpProblem::new(ProblemCode::StoreUnavailable));
        }
        Ok(self.wechat.exchange(appid, code).await?.identity)
    }

    /// Changes the account of this session, and then its sessions, in one swap. The proof is judged once more by the value
    /// that is swapped.
    async fn change<T>(
        &self,
        token: Token,
        rule: impl Fn(&mut Account) -> Result<T, HttpProblem>,
        then: impl Fn(&mut User, &Lifetimes, Millis),
    ) -> Result<T, HttpProblem> {
        let sessions = &self.accounts.sessions;
        let changed = sessions.change(token, |user, lifetimes, now| {
            let judged = self.judged(user, token, now).and_then(|mut account| {
                let outcome = rule(&mut account)?;
                Ok((account, outcome))
            });
            let (account, outcome) = match judged {
                Ok(judged) => judged,
                Err(problem) => return Ok(Err(problem)),
            };
            user.attach(account.encode(&self.accounts.door.keys, user.key())?);
            then(user, lifetimes, now);
            Ok(Ok(outcome))
        });
        changed.await?
    }

    /// The account of this user, if this session's proof of it is recent.
    fn judged(&self, user: &User, token: Token, now: Millis) -> Result<Account, HttpProblem> {
        let account = self.account(user)?.ok_or_else(|| {
            bad_request("a guest has no account; sign in by a method, with `register`: true")
        })?;
        let proof = user.proof(token.session());
        if proof.is_some_and(|proof| proof.is_recent(PROOF, now)) {
            return Ok(account);
        }
        let methods = self.methods(&account);
        Err(HttpProblem::new(ProblemCode::ProofNeeded).with("methods", methods))
    }

    /// What is kept of a user's account. `None` for a guest.
    fn account(&self, user: &User) -> Result<Option<Account>, HttpProblem> {
        let (keys, key) = (&self.accounts.door.keys, user.key());
        let account = user
            .attachment()
            .map(|attachment| opened(keys, key, attachment));
        let account = account.transpose();
        account.map_err(|error| wxsession_server::sessions::SessionsError::from(error).into())
    }

    /// The methods by which the owner of an account can show who they are.
    fn methods(&self, account: &Account) -> Vec<&'static str> {
        let has = |kinds: &[Kind]| account.ways().iter().any(|way| kinds.contains(&way.kind));
        let proofs = &self.accounts.proofs;
        let methods = [
            ("password", account.password().is_some()),
            (
                "code",
                has(&[Kind::Phone, Kind::Email]) && proofs.has("code"),
            ),
            ("phone", has(&[Kind::Phone]) && proofs.has("phone")),
            ("oidc", has(&[Kind::Oidc]) && proofs.has("oidc")),
            ("wechat", has(&[Kind::WeChat])),
        ];
        let usable = methods.into_iter().filter(|(_, is_usable)| *is_usable);
        usable.map(|(method, _)| method).collect()
    }
}

fn login_code(code: &str) -> Result<LoginCode, HttpProblem> {
    LoginCode::parse(code)
        .ok_or_else(|| bad_request("`code` is not a login code; send what wx.login gave as it is"))
}

/// The fields of a request's body, which may be secret.
async fn fields(request: Request, expected: &str) -> Result<Credentials, HttpProblem> {
    let body = Zeroizing::new(body::read_signed(request).await?);
    Ok(Credentials::new(body::parse(&body, expected)?))
}
