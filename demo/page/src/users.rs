//! An app's own user database, with the hook that a server asks at every sign-in, over real HTTP. It can be stopped.
//!
//! Its passwords are not hashed, because everybody may know them. `examples/own-users` has a real one.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};

use anyhow::Result;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;
use wxsession_service::accounts::AccountsHook;

use crate::trace::{Lane, Outcome, Trace};

/// The only user: id, name and password.
const ID: &str = "41";
const NAME: &str = "li.na";
const PASSWORD: &str = "seven pots of tea";

/// The database of a world. Its hook stops when it is dropped.
pub(crate) struct Users {
    address: SocketAddr,
    records: Records,
    serving: Mutex<Option<Serving>>,
}

#[derive(Clone)]
struct Records {
    trace: Trace,
    /// The openids of the WeChat users who are linked to the user.
    linked: Arc<std::sync::Mutex<HashSet<String>>>,
}

struct Serving {
    /// Dropped, it stops the hook as well.
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<()>,
}

impl Users {
    /// A database whose hook is served.
    pub(crate) async fn open(trace: Trace) -> Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let records = Records {
            trace,
            linked: Arc::default(),
        };
        Ok(Arc::new(Self {
            address: listener.local_addr()?,
            serving: Mutex::new(Some(serve(listener, records.clone()))),
            records,
        }))
    }

    /// What a server asks.
    pub(crate) fn hook(&self) -> Result<AccountsHook> {
        let address = format!("http://{}", self.address).parse()?;
        Ok(AccountsHook::new(address, None)?)
    }

    /// Stops the hook, or starts it again. Returns once connections are refused, or accepted.
    pub(crate) async fn be_away(&self, away: bool) -> io::Result<()> {
        let mut serving = self.serving.lock().await;
        if !away && serving.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            *serving = Some(serve(listener, self.records.clone()));
        } else if away && let Some(Serving { stop, stopped }) = serving.take() {
            drop(stop);
            stopped.await.map_err(io::Error::other)?;
        }
        Ok(())
    }
}

fn serve(listener: TcpListener, records: Records) -> Serving {
    let (stop, stopping) = oneshot::channel();
    let hook = Router::new().route("/", post(identify)).with_state(records);
    let stopped = tokio::spawn(async move {
        let served = axum::serve(listener, hook).with_graceful_shutdown(async {
            // Fails when the sender is dropped, which stops it too.
            let _ = stopping.await;
        });
        let _ = served.await;
    });
    Serving { stop, stopped }
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    credentials: Credentials,
    wechat: Holder,
    presented: Option<Presented>,
}

#[derive(Deserialize)]
struct Credentials {
    identifier: Option<String>,
    password: Option<String>,
    #[serde(default)]
    link: bool,
}

/// The WeChat user who holds the phone.
#[derive(Deserialize)]
struct Holder {
    openid: String,
}

#[derive(Deserialize)]
struct Presented {
    user: String,
}

/// Who somebody is.
enum Found {
    User(String),
    Guest,
    Wrong,
}

async fn identify(State(records): State<Records>, Json(asked): Json<Asked>) -> Response {
    let step = records
        .trace
        .begin(Lane::Users, format!("hook: {}", asked.method));
    match records.find(asked) {
        Found::User(user) => {
            step.end(Outcome::Ok, "a user");
            Json(json!({ "user": user })).into_response()
        }
        Found::Guest => {
            step.end(Outcome::Ok, "a guest");
            Json(json!({ "guest": true })).into_response()
        }
        Found::Wrong => {
            step.end(Outcome::Refused, "401");
            StatusCode::UNAUTHORIZED.into_response()
        }
    }
}

impl Records {
    fn find(&self, asked: Asked) -> Found {
        let Asked {
            method,
            credentials,
            wechat,
            presented,
        } = asked;
        let mut linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_hers = credentials.identifier.as_deref() == Some(NAME)
            && credentials.password.as_deref() == Some(PASSWORD);
        match (method.as_str(), presented) {
            ("renew", Some(presented)) => Found::User(presented.user),
            ("silent" | "wechat", _) if linked.contains(&wechat.openid) => {
                Found::User(ID.to_owned())
            }
            ("silent" | "wechat", _) => Found::Guest,
            ("password", _) if is_hers => {
                if credentials.link {
                    linked.insert(wechat.openid);
                }
                Found::User(ID.to_owned())
            }
            _ => Found::Wrong,
        }
    }
}
