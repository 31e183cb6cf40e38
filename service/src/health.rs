//! Whether this server is ready for requests, for balancers and for people.
//!
//! | path | public listener | internal listener |
//! |---|---|---|
//! | `/healthz` | 200 | 200 |
//! | `/readyz` | 200, or 503 once the server was asked to stop: `{"ready":…}` | the same, with the state of store, WeChat and accounts hook |
//!
//! An outage of one of these does not change the status: all servers would fail at once, and a balancer that
//! removes all of them answers itself, in a form that clients do not know.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::accounts::Authority;
use crate::guard::BreakerState;
use crate::measured_store::MeasuredStore;
use crate::store_health::StoreState;
use crate::wechat::GuardedWeChat;

/// Whether the server was asked to stop. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on the server asks for no more requests, and still answers those that come.
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
}

#[derive(Serialize)]
struct Details {
    ready: bool,
    store: StoreState,
    /// By appid, whether users can sign in.
    wechat: BTreeMap<String, BreakerState>,
    /// Whether the accounts hook is asked, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<BreakerState>,
}

/// The routes of the public listener.
pub(crate) fn in_short<S: Clone + Send + Sync + 'static>(readiness: Readiness) -> Router<S> {
    let ready = async move || {
        let ready = !readiness.is_over();
        (status(ready), Json(Ready { ready }))
    };
    Router::new()
        .route("/healthz", get(StatusCode::OK))
        .route("/readyz", get(ready))
}

/// The routes of the internal listener.
pub(crate) fn in_detail<S: Clone + Send + Sync + 'static>(
    readiness: Readiness,
    store: MeasuredStore,
    wechat: GuardedWeChat,
    authority: Authority,
) -> Router<S> {
    let ready = async move || {
        let ready = !readiness.is_over();
        let state = store.state().await;
        let states = wechat.sign_in_states();
        let details = Details {
            ready,
            store: state,
            wechat: states
                .map(|(appid, state)| (appid.to_owned(), state))
                .collect(),
            accounts: match &authority {
                Authority::WeChat | Authority::BuiltIn(_) => None,
                Authority::Hook(hook) => Some(hook.state()),
            },
        };
        (status(ready), Json(details))
    };
    Router::new()
        .route("/healthz", get(StatusCode::OK))
        .route("/readyz", get(ready))
}

fn status(ready: bool) -> StatusCode {
    if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
