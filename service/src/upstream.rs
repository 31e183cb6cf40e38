//! The app's own backend, to which the server carries every request that is not for itself: `--upstream`.
//!
//! A request is judged exactly as at `/verify`, and reaches the backend with the headers that `/verify` answers with.
//!
//! A reader who wants to know
//! - where the backend is: `address`; what cannot be carried: `target`;
//! - whose a request is: `judge`; which paths need no session: `public_paths`;
//! - which headers pass: `headers`; how bodies do: `body`, and those whose digest is signed: `signed_body`;
//! - for how long nothing may move: `silence`;
//! - what becomes of sockets: `socket`;
//! - what clients, the log and the measures are told: `outcome`.
//!
//! | what an attacker may try | what stops it |
//! |---|---|
//! | to name another user in a header, in another spelling of it, in a trailer, or by `Connection` | `headers`, `body` |
//! | to alter a body that the phone has signed | `signed_body` |
//! | a path that looks public here, and is another one to the backend | `public_paths` |
//! | to switch to a protocol in which requests pass unjudged | `headers::asks_for_socket` |
//! | to use up memory, places or files | bodies pass in pieces; a bound on what is under way; the deadlines of [`mod@crate::serve`] |

mod address;
mod body;
mod headers;
mod judge;
mod outcome;
mod public_paths;
mod signed_body;
mod silence;
mod socket;
mod target;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wxsession_server::Sessions;

pub use self::address::{UpstreamAddress, UpstreamAddressError};
use self::body::{Homeward, Upward};
use self::headers::Forwarding;
use self::judge::Judge;
use self::outcome::{Failure, Outcomes};
pub use self::public_paths::{PublicPath, PublicPathError, PublicPaths};
use self::signed_body::{Checked, Found};
use self::silence::Movement;
use self::socket::Switch;
use crate::compat::OldClients;
use crate::edge::TrustedProxies;
use crate::serve::Tenure;

/// How long the backend may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a connection to the backend is kept for the next request. Node.js closes its own after five seconds, and gunicorn
/// after two; a request that meets a connection at that moment is lost.
const KEPT: Duration = Duration::from_millis(1500);

/// Where requests are carried, and how.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// Where the backend is.
    pub address: UpstreamAddress,
    /// Which paths need no session.
    pub public: PublicPaths,
    /// Whether the backend gets the session id too.
    pub passes_session: bool,
    /// How long it may be silent: before it answers, and in the middle of an answer.
    pub patience: Duration,
    /// How long nothing may come from either side of a socket.
    pub socket_patience: Duration,
    /// How many requests and sockets may be under way.
    pub most: usize,
    /// Whose word on the client counts.
    pub proxies: TrustedProxies,
    /// Whether clients speak TLS to this server.
    pub by_tls: bool,
}

/// Carries requests to the backend. Clones share everything.
#[derive(Clone)]
pub(crate) struct Upstream(Arc<Carriage>);

struct Carriage {
    address: UpstreamAddress,
    patience: Duration,
    socket_patience: Duration,
    most: usize,
    judge: Judge,
    forwarding: Forwarding,
    client: Client<HttpConnector, Checked>,
    places: Arc<Semaphore>,
    outcomes: Outcomes,
}

impl Upstream {
    pub(crate) fn new(
        settings: UpstreamSettings,
        sessions: Sessions,
        old_clients: Option<OldClients>,
    ) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT)
            // It is the client's.
            .set_host(false)
            .build(connector);
        Self(Arc::new(Carriage {
            address: settings.address,
            patience: settings.patience,
            socket_patience: settings.socket_patience,
            most: settings.most,
            judge: Judge {
                public: settings.public,
                sessions,
                old_clients,
            },
            forwarding: Forwarding {
                proxies: settings.proxies,
                by_tls: settings.by_tls,
                passes_session: settings.passes_session,
            },
            places: Arc::new(Semaphore::new(settings.most)),
            client,
            outcomes: Outcomes::new(),
        }))
    }

    /// A route for every path.
    pub(crate) fn routes(self) -> Router {
        Router::new().fallback(carry).with_state(self)
    }
}

/// Carries a request to the backend, and its answer back.
async fn carry(State(Upstream(carriage)): State<Upstream>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let movement = Movement::now();
    // From here on what is refused is read to its end, so that its client can read the answer.
    let body = Upward::new(body, movement.clone());
    let (target, host) = match target::target(&parts) {
        Ok(read) => read,
        Err(problem) => {
            carriage.outcomes.refused();
            return problem.into_response();
        }
    };
    let identity = match carriage.judge.judge(&mut parts, target.path()).await {
        Ok(identity) => identity,
        Err(refusal) => {
            carriage.outcomes.refused();
            return refusal;
        }
    };
    let Ok(place) = Arc::clone(&carriage.places).try_acquire_owned() else {
        return carriage.outcomes.busy(carriage.most).into_response();
    };
    let found = Found::default();
    let request = Onward {
        body: Checked::new(body, &parts.headers, &identity, found.clone()),
        headers: carriage.forwarding.onward(&parts, host, identity),
        target,
        parts,
    };
    if let Some(fault) = found.fault() {
        return carriage.outcomes.faulty(fault).into_response();
    }
    match (carriage.send(request, movement, place).await, found.fault()) {
        (Ok(answer), _) => answer,
        (Err(_), Some(fault)) => carriage.outcomes.faulty(fault).into_response(),
        (Err((failure, error)), None) => carriage.outcomes.failed(failure, &error).into_response(),
    }
}

/// A request that may go on.
struct Onward {
    parts: Parts,
    target: PathAndQuery,
    headers: HeaderMap,
    body: Checked,
}

impl Carriage {
    async fn send(
        &self,
        onward: Onward,
        movement: Movement,
        place: OwnedSemaphorePermit,
    ) -> Result<Response, (Failure, io::Error)> {
        let Onward {
            mut parts,
            target,
            mut headers,
            body,
        } = onward;
        let tenure = parts.extensions.remove::<Tenure>();
        let switch = (headers::asks_for_socket(&parts) && body.is_end_stream())
            .then(|| parts.extensions.remove::<OnUpgrade>())
            .flatten();
        match &switch {
            Some(_) => headers::switch(&mut headers),
            None => tenure.iter().for_each(Tenure::streams),
        }
        let mut request = axum::http::Request::new(body);
        *request.uri_mut() = (self.address.uri(target))
            .ok_or_else(|| (Failure::Unreachable, io::ErrorKind::InvalidInput.into()))?;
        *request.method_mut() = parts.method;
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = headers;
        let patience = self.patience;
        if parts.headers.contains_key(CONTENT_LENGTH) && request.body().is_end_stream() {
            // hyper leaves it out, and some backends want to be told.
            let none = HeaderValue::from_static("0");
            request.headers_mut().insert(CONTENT_LENGTH, none);
        }
        let answer = tokio::select! {
            answer = self.client.request(request) => answer,
            () = movement.ends_for(patience) => {
                return Err((Failure::Late, io::ErrorKind::TimedOut.into()));
            }
        };
        let answer = answer.map_err(|error| (Failure::Unreachable, io::Error::other(error)))?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let Some(client) = switch.filter(|_| headers::is_socket(answer.headers())) else {
                let unasked = io::Error::other("the backend switches to what nobody has asked for");
                return Err((Failure::Unreachable, unasked));
            };
            self.outcomes.opened_socket();
            let switch = Switch {
                client,
                tenure,
                patience: self.socket_patience,
            };
            return Ok(switch.to(answer, place));
        }
        self.outcomes.answered();
        let (mut parts, body) = answer.into_parts();
        headers::homeward(&mut parts.headers);
        let body = Homeward::new(body, patience, self.outcomes.clone(), place);
        Ok(Response::from_parts(parts, Body::new(body)))
    }
}
