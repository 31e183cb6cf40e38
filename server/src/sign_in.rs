//! The sign-in: exchanges a login code for a session, and equal codes in parallel for the same session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use wxsession_protocol::ProblemCode;

use crate::problem::HttpProblem;
use crate::sessions::{Issued, Sessions};
use crate::token::Token;
use crate::wechat::{Account, Exchange, LoginCode, WeChatError};

/// Exchanges login codes for sessions.
///
/// A client whose connection broke sends its code again while the first exchange is still running, and WeChat
/// would refuse the second exchange. So equal sign-ins share one exchange. It runs in a task of its own, which
/// continues when nobody waits any longer, and nothing of it is kept once it is done.
pub struct SignIns {
    wechat: Arc<dyn Exchange>,
    sessions: Sessions,
    flights: Mutex<HashMap<Ask, watch::Receiver<Option<Outcome>>>>,
}

type Outcome = Result<Issued, HttpProblem>;

/// What makes sign-ins equal.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Ask {
    appid: String,
    code: LoginCode,
    presented: Option<Token>,
}

impl SignIns {
    /// Sign-ins whose codes are exchanged by `wechat`, into these sessions.
    pub fn new(wechat: Arc<dyn Exchange>, sessions: Sessions) -> Self {
        Self {
            wechat,
            sessions,
            flights: Mutex::default(),
        }
    }

    /// Signs a user in to the mini program that the request names, or to the only one. `presented` is the session
    /// that the new one replaces.
    pub async fn sign_in(
        self: &Arc<Self>,
        appid: Option<&str>,
        code: LoginCode,
        presented: Option<Token>,
    ) -> Outcome {
        let appid = self.appid(appid)?.to_owned();
        let mut flight = self.join(Ask {
            appid,
            code,
            presented,
        });
        match flight.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The task ended without an answer.
            _ => Err(HttpProblem::new(ProblemCode::ServerBusy)),
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
    fn join(self: &Arc<Self>, ask: Ask) -> watch::Receiver<Option<Outcome>> {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&ask) {
            return flight.clone();
        }
        let (landing, flight) = watch::channel(None);
        flights.insert(ask.clone(), flight.clone());
        let entry = Entry {
            sign_ins: Arc::clone(self),
            ask,
        };
        tokio::spawn(async move {
            let outcome = entry.sign_ins.fly(&entry.ask).await;
            drop(entry);
            landing.send_replace(Some(outcome));
        });
        flight
    }

    async fn fly(&self, ask: &Ask) -> Outcome {
        let Account {
            identity,
            session_key,
        } = self.wechat.exchange(&ask.appid, &ask.code).await?;
        let issued = self.sessions.issue(&identity, &session_key, ask.presented);
        Ok(issued.await?)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Ask, watch::Receiver<Option<Outcome>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An exchange's place in the map. It is given up on drop, so a panic gives it up too.
struct Entry {
    sign_ins: Arc<SignIns>,
    ask: Ask,
}

impl Drop for Entry {
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
