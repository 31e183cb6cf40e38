//! The provider as tests control it.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::flows::{Begun, Decision, Flows};
use crate::http::router;
use crate::token::{Keys, Signing};

/// A provider. Its clones are the same one.
#[derive(Clone)]
pub struct FakeProvider {
    issuer: Arc<str>,
    state: Arc<Mutex<State>>,
}

struct State {
    keys: Keys,
    flows: Flows,
    faults: VecDeque<Fault>,
    calls: Calls,
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The usual answer, so that a fault can meet a later call.
    Nothing,
    /// No answer, ever.
    Never,
    /// A page instead of a document, with 200.
    Html,
    /// 503, with the usual document.
    Unavailable,
    /// A redirect to the keys.
    Redirect,
    /// The usual document, and a megabyte of spaces.
    Endless,
    /// A document of another issuer.
    AnotherIssuer,
}

/// How many calls there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Of the document.
    pub documents: usize,
    /// Of the keys.
    pub keys: usize,
    /// Of the device endpoint.
    pub flows: usize,
    /// Of the token endpoint.
    pub polls: usize,
}

impl FakeProvider {
    /// Serves on a free loopback port, until the runtime ends.
    ///
    /// # Errors
    /// There is no port.
    pub async fn serve() -> io::Result<Self> {
        Self::serve_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Serves on this address, until the runtime ends.
    ///
    /// # Errors
    /// The address is in use.
    pub async fn serve_on(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr()?).into(),
            state: Arc::new(Mutex::new(State {
                keys: Keys::new(),
                flows: Flows::default(),
                faults: VecDeque::new(),
                calls: Calls::default(),
            })),
        };
        let routes = router(provider.clone());
        tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(provider)
    }

    /// The provider's address, which its tokens name.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The claims of a token that is good for an hour.
    pub fn claims(&self, user: &str, client: &str, nonce: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        json!({
            "iss": self.issuer(), "sub": user, "aud": client, "nonce": nonce,
            "iat": now, "nbf": now, "exp": now + 3600,
        })
    }

    /// Signs claims.
    pub fn sign(&self, signing: Signing, claims: &Value) -> String {
        self.state().keys.sign(signing, claims)
    }

    /// Replaces the elliptic key.
    pub fn rotate(&self) {
        self.state().keys.rotate();
    }

    /// Lets each of these become of the next calls, one each.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Answers the next questions of device flows with `slow_down`.
    pub fn slow_down(&self, questions: usize) {
        self.state().flows.hasty = questions;
    }

    /// Decides as the user whose phone shows this code. Returns whether there is such a flow.
    pub fn decide(&self, user_code: &str, decision: Decision) -> bool {
        self.state().flows.decide(user_code, decision)
    }

    /// How many calls there were.
    pub fn calls(&self) -> Calls {
        self.state().calls
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        self.state()
            .faults
            .pop_front()
            .filter(|fault| *fault != Fault::Nothing)
    }

    pub(crate) fn count(&self, count: impl FnOnce(&mut Calls)) {
        count(&mut self.state().calls);
    }

    pub(crate) fn keys(&self) -> Value {
        self.state().keys.document()
    }

    pub(crate) fn begin(&self) -> Begun {
        self.state().flows.begin()
    }

    pub(crate) fn poll(&self, device_code: &str) -> Result<String, &'static str> {
        self.state().flows.poll(device_code)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
