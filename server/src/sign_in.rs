//! The sign-in: exchanges a login code for a session, and equal codes in parallel for the same session.

mod succession;
mod unlanded;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wxsession_protocol::ProblemCode;

use self::succession::Successor;
use self::unlanded::Unlanded;
use crate::accounts::{Accounts, Attempt, Credentials, Method, Outcome};
use crate::identity::{Identity, UserKey};
use crate::problem::HttpProblem;
use crate::proof::Asked;
use crate::sessions::{Issued, Owner, Sessions, SessionsError, Shown};
use crate::token::{Genuine, Token, Version};
use crate::wechat::{Account, Exchange, LoginCode, WeChatError};

/// Exchanges login codes for sessions.
///
/// A client whose connection broke sends its code again while the first exchange is still running, and WeChat
/// would refuse the second exchange. So equal sign-ins share one exchange. It runs in a task of its own, which
/// continues when nobody waits any longer, and nothing of it is kept once it is done, unless store or accounts failed.
pub struct SignIns {
    wechat: Arc<dyn Exchange>,
    /// `None`: everybody is a guest.
    accounts: Option<Arc<dyn Accounts>>,
    sessions: Sessions,
    flights: Mutex<HashMap<Ask, watch::Receiver<Option<Landed>>>>,
    unlanded: Unlanded,
}

type Landed = Result<SignedIn, HttpProblem>;

/// What a sign-in has led to.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The new session.
    pub issued: Issued,
    /// Whether the user is nothing but a WeChat user.
    pub guest: bool,
}

/// The session id that a sign-in presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presented {
    /// None, or nothing that is like one of this server's.
    Nothing,
    /// A genuine one, whose session the new one replaces.
    Token(Token),
    /// A genuine one, without the proof that it takes. It ends and renews nothing. But where it is an account's, nobody
    /// becomes a guest instead without a tap.
    Unproven(Token),
    /// One that nobody vouches for. It says whose it is; a lie does no harm, since all that comes of it is a refusal.
    Claim(UserKey),
}

/// How a client asks to be signed in besides by a login code.
#[derive(Clone, Debug)]
pub struct Named {
    /// The method's name.
    pub method: String,
    /// The method's own fields.
    pub credentials: Credentials,
}

/// What makes sign-ins equal.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Ask {
    appid: String,
    code: LoginCode,
    presented: Presented,
    /// Who signs requests and who does not get different tokens.
    version: Version,
    /// The method and a digest that stands for its credentials, which are not kept: who shows something else does not
    /// share a session.
    named: Option<(String, [u8; 32])>,
}

impl Presented {
    /// What a sign-in presents. `body` is that of the request, where it has one. A token of version 1 counts under every
    /// policy: the code shows who holds the phone, and the session that it names ends.
    pub fn of(asked: Asked<'_>, body: Option<&[u8]>, sessions: &Sessions) -> Self {
        match asked.genuine(sessions) {
            Ok(Genuine::Bearer(token)) => Self::Token(token),
            Ok(genuine @ Genuine::Bound(unproven)) => {
                match sessions.may_succeed(&unproven, asked, body) {
                    true => Self::Token(genuine.token()),
                    false => Self::Unproven(genuine.token()),
                }
            }
            Err(_) => {
                let claimed = asked.claimed_user();
                claimed.map_or(Self::Nothing, Self::Claim)
            }
        }
    }

    fn token(self) -> Option<Token> {
        match self {
            Self::Token(token) => Some(token),
            Self::Unproven(_) | Self::Claim(_) | Self::Nothing => None,
        }
    }
}

impl SignIns {
    /// Sign-ins whose codes are exchanged by `wechat`, of users whom `accounts` know, into these sessions.
    pub fn new(
        wechat: Arc<dyn Exchange>,
        accounts: Option<Arc<dyn Accounts>>,
        sessions: Sessions,
    ) -> Self {
        Self {
            wechat,
            accounts,
            sessions,
            flights: Mutex::default(),
            unlanded: Unlanded::default(),
        }
    }

    /// Signs a user in to the mini program that the request names, or to the only one.
    pub async fn sign_in(
        self: &Arc<Self>,
        appid: Option<&str>,
        code: LoginCode,
        presented: Presented,
        named: Option<Named>,
        wanted: Version,
    ) -> Landed {
        // Before anything is spent.
        let version = self.sessions.policy().version(wanted)?;
        let appid = self.appid(appid)?.to_owned();
        let is_known = |named: &Named| self.accounts.is_some() || named.method == "wechat";
        if !named.as_ref().is_none_or(is_known) {
            return Err(HttpProblem::because(
                ProblemCode::MethodUnknown,
                "this server has no accounts; `method` can only be wechat",
            ));
        }
        let digest = |named: &Named| (named.method.clone(), named.credentials.digest());
        let ask = Ask {
            appid,
            code,
            presented,
            version,
            named: named.as_ref().map(digest),
        };
        let credentials = named.map(|named| named.credentials).unwrap_or_default();
        let mut flight = self.join(ask, credentials);
        match flight.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The task ended without an answer.
            _ => Err(HttpProblem::new(ProblemCode::ServerBusy)),
        }
    }

    /// The user whom this WeChat user is without a word, if they have an account.
    pub async fn linked(&self, wechat: &Identity) -> Result<Option<String>, HttpProblem> {
        match &self.accounts {
            None => Ok(None),
            Some(accounts) => accounts.linked(wechat).await,
        }
    }

    /// The mini program of a request: the one that it names, or the only one.
    fn appid(&self, named: Option<&str>) -> Result<&str, WeChatError> {
        let appids = self.sessions.appids();
        match (named, appids) {
            (Some(named), _) => {
                let ours = appids.iter().find(|ours| *ours == named);
                ours.map(String::as_str).ok_or(WeChatError::AppidUnknown)
            }
            (None, [only]) => Ok(only),
            (None, _) => Err(WeChatError::AppidMissing),
        }
    }

    /// Joins the exchange that is running for this ask, or starts one.
    fn join(
        self: &Arc<Self>,
        ask: Ask,
        credentials: Credentials,
    ) -> watch::Receiver<Option<Landed>> {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&ask) {
            return flight.clone();
        }
        let (landing, flight) = watch::channel(None);
        flights.insert(ask.clone(), flight.clone());
        let place = Place {
            sign_ins: Arc::clone(self),
            ask,
        };
        tokio::spawn(async move {
            let landed = place.sign_ins.fly(&place.ask, credentials).await;
            drop(place);
            landing.send_replace(Some(landed));
        });
        flight
    }

    async fn fly(&self, ask: &Ask, credentials: Credentials) -> Landed {
        // No code is spent in vain.
        if self.sessions.are_away() {
            return Err(HttpProblem::new(ProblemCode::StoreUnavailable));
        }
        let method = ask.named.as_ref().map(|(method, _)| method.as_str());
        let accounts = self.accounts.as_ref();
        if let Some(problem) = accounts.and_then(|accounts| accounts.turns_away(method)) {
            return Err(HttpProblem::new(problem));
        }
        let account = match self.unlanded.take(&ask.appid, &ask.code) {
            Some(account) => account,
            None => self.wechat.exchange(&ask.appid, &ask.code).await?,
        };
        let landed = match self.land(ask, &account, credentials).await {
            // Somebody else has just changed the account. What costs no guess is asked once more.
            Err(Missed::Changed) if ask.named.is_none() => {
                self.land(ask, &account, Credentials::default()).await
            }
            landed => landed,
        };
        let landed = landed.map_err(HttpProblem::from);
        if landed.as_ref().is_err_and(HttpProblem::is_ours) {
            self.unlanded.keep(&ask.code, account);
        }
        landed
    }

    /// Starts the session of whoever the accounts say it is.
    async fn land(
        &self,
        ask: &Ask,
        account: &Account,
        credentials: Credentials,
    ) -> Result<SignedIn, Missed> {
        let Account {
            identity,
            session_key,
        } = account;
        let Some(accounts) = &self.accounts else {
            return self.land_guest(ask, account).await;
        };
        let before: Option<Owner> = match ask.presented {
            Presented::Token(token) => Some(self.sessions.owner(token, identity.key()).await?),
            Presented::Unproven(token) => {
                let owner = self.sessions.owner(token, identity.key()).await?;
                let is_guest = matches!(owner, Owner::Guest(_));
                (!is_guest).then(|| Owner::Forgotten(token.user()))
            }
            Presented::Claim(user) if user != identity.key() => Some(Owner::Forgotten(user)),
            Presented::Claim(_) | Presented::Nothing => None,
        };
        let before = before.as_ref();
        let named = ask.named.as_ref().map(|(method, _)| method.as_str());
        let attempt = Attempt {
            method: succession::method(named, before),
            credentials,
            wechat: identity.clone(),
            presented: succession::presented(before),
        };
        let began = self.sessions.now();
        let outcome: Outcome = accounts.authenticate(&attempt).await?;
        match succession::successor(&attempt.method, before, outcome)? {
            Successor::Guest => self.land_guest(ask, account).await,
            Successor::Member(entry) => {
                let shown = match attempt.method {
                    Method::Renew(_) => Shown::Before,
                    _ => Shown::Now,
                };
                let phone = (identity, session_key);
                let presented = ask.presented.token();
                let entered =
                    self.sessions
                        .enter(&entry, shown, began, phone, presented, ask.version);
                let issued = entered.await?;
                Ok(SignedIn {
                    issued,
                    guest: false,
                })
            }
        }
    }

    async fn land_guest(&self, ask: &Ask, account: &Account) -> Result<SignedIn, Missed> {
        let (identity, session_key) = (&account.identity, &account.session_key);
        let issued = self
            .sessions
            .issue(identity, session_key, ask.presented.token(), ask.version);
        Ok(SignedIn {
            issued: issued.await?,
            guest: true,
        })
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Ask, watch::Receiver<Option<Landed>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why nobody was signed in.
enum Missed {
    /// The account changed meanwhile.
    Changed,
    Failed(HttpProblem),
}

impl From<SessionsError> for Missed {
    fn from(error: SessionsError) -> Self {
        match error {
            SessionsError::Linked | SessionsError::Closed => Self::Changed,
            error => Self::Failed(error.into()),
        }
    }
}

impl From<HttpProblem> for Missed {
    fn from(problem: HttpProblem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Missed> for HttpProblem {
    fn from(missed: Missed) -> Self {
        match missed {
            // It may rest on what has just been changed, so the client comes again and the accounts are asked again.
            Missed::Changed => Self::new(ProblemCode::ServerBusy),
            Missed::Failed(problem) => problem,
        }
    }
}

/// An exchange's place in the map. It is given up on drop, so a panic gives it up too.
struct Place {
    sign_ins: Arc<SignIns>,
    ask: Ask,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sign_ins.flights().remove(&self.ask);
    }
}

impl std::fmt::Debug for SignIns {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SignIns")
    }
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ask(redacted)")
    }
}

#[cfg(test)]
mod tests;
