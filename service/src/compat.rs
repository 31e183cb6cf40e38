//! Old clients, unchanged: those of weapp-session (2016), wafer 1 and wafer 2.
//!
//! | protocol | signs in | calls with |
//! |---|---|---|
//! | weapp-session | on any call, by `X-WX-Code`, `X-WX-RawData` and `X-WX-Signature` | `X-WX-Code`: the same code |
//! | wafer 1 | at a login URL, by `X-WX-Code`, `X-WX-Encrypted-Data` and `X-WX-IV` | `X-WX-Id` and `X-WX-Skey` |
//! | wafer 2 | the same; a user whom the server knows, by `X-WX-Code` alone | `X-WX-Skey` |
//!
//! Their sessions are sessions like all others, and what they call by is turned into a session id before anything else
//! looks at the request. So every rule about sessions holds for them, and is told nowhere in here.
//!
//! A reader who wants to know
//! - what a request presents: `presented`, and how the three are told apart;
//! - what happens at a sign-in: `sign_in`, `first_call`, and which session a login code stands for: `codes`;
//! - what WeChat tells of a user, and how long it is kept: `user_info`, `user_infos`;
//! - what clients are answered: `login`, `refusal`;
//! - how a backend hears of them: `verify`.

mod codes;
mod failure;
mod first_call;
mod login;
mod presented;
mod refusal;
mod sign_in;
mod user_info;
mod user_infos;
mod values;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use wxsession_server::Backend;
use wxsession_server::ring::KeyRing;

use self::codes::{CodeKeys, Codes};
use self::first_call::Flights;
use self::user_infos::{InfoSeals, UserInfos};
pub(crate) use self::verify::{Place, serve};
use crate::counters::SignInCounters;
use crate::edge::SignInLimit;
use crate::measured_store::MeasuredStore;

/// A protocol that old clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// weapp-session-client's.
    WeappSession,
    /// Of wafer-client-sdk, and before it qcloud-weapp-client-sdk.
    Wafer,
    /// wafer2-client-sdk's.
    Wafer2,
}

/// Which old clients are served. By default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compatibility {
    /// Whether those of weapp-session are.
    pub weapp_session: bool,
    /// The path at which those of wafer 1 sign in, if they are served.
    pub wafer: Option<String>,
    /// The same for wafer 2. Not the same path: each needs an answer of its own.
    pub wafer2: Option<String>,
}

impl Compatibility {
    fn speaks(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::WeappSession => self.weapp_session,
            Protocol::Wafer => self.wafer.is_some(),
            Protocol::Wafer2 => self.wafer2.is_some(),
        }
    }
}

/// The keys of what the store keeps for old clients.
#[derive(Clone)]
pub(crate) struct Keys {
    codes: CodeKeys,
    user_infos: Arc<InfoSeals>,
}

impl Keys {
    pub(crate) fn new(ring: &KeyRing) -> Self {
        Self {
            codes: CodeKeys::new(ring),
            user_infos: Arc::new(InfoSeals::new(ring)),
        }
    }
}

/// Serves old clients. Clones share everything.
#[derive(Clone)]
pub(crate) struct OldClients(Arc<Parts>);

struct Parts {
    compatibility: Compatibility,
    backend: Backend,
    codes: Codes,
    user_infos: UserInfos,
    flights: Flights,
    limit: Option<SignInLimit>,
    counters: SignInCounters,
}

impl OldClients {
    pub(crate) fn new(
        compatibility: Compatibility,
        limit: Option<SignInLimit>,
        backend: Backend,
        store: MeasuredStore,
        keys: Keys,
    ) -> Self {
        let lifetimes = *backend.sessions().lifetimes();
        Self(Arc::new(Parts {
            compatibility,
            codes: Codes::new(store.clone(), keys.codes, lifetimes),
            user_infos: UserInfos::new(store, keys.user_infos, lifetimes),
            backend,
            flights: Flights::default(),
            limit,
            counters: SignInCounters::new(),
        }))
    }

    /// The login URLs.
    pub(crate) fn routes(&self) -> Router {
        let Compatibility { wafer, wafer2, .. } = &self.0.compatibility;
        let mut routes = Router::new();
        if let Some(path) = wafer {
            routes = routes.route(path, any(login::wafer));
        }
        if let Some(path) = wafer2 {
            routes = routes.route(path, any(login::wafer2));
        }
        routes.with_state(self.clone())
    }
}
