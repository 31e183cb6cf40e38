//! The internal listener's routes, for the operator's own proxies and backends.

mod proof_target;
mod user_data;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use wxsession_accounts::BuiltIn;
use wxsession_protocol::ProblemCode;
use wxsession_server::identity::{is_id, is_user};
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::{Backend, HttpProblem, Identity, Sessions, body};

use crate::accounts::Authority;
use crate::compat::{self, OldClients};
use crate::health::{self, Readiness};
use crate::measured_store::MeasuredStore;
use crate::measures::{self, Measures};
use crate::wechat::GuardedWeChat;
use crate::{edge, openapi, requests};

pub use self::proof_target::ProofTarget;
pub(crate) use self::verify::REFUSAL;

/// The longest block, in seconds: a hundred years.
const LONGEST_BLOCK: f64 = 100.0 * 366.0 * 24.0 * 60.0 * 60.0;

static ASKED_WITHOUT: OnceAMinute = OnceAMinute::new();

/// What the internal listener serves.
pub struct Internal {
    backend: Backend,
    store: MeasuredStore,
    wechat: GuardedWeChat,
    authority: Authority,
    /// Those that this server keeps itself, if any.
    accounts: Option<BuiltIn>,
    token: Option<SecretString>,
    readiness: Readiness,
    measures: Option<Measures>,
    old_clients: Option<OldClients>,
    proof_target: Option<ProofTarget>,
}

/// The state of the routes. Each request clones it.
#[derive(Clone)]
struct Shared(Arc<Internal>);

/// Whose sessions end, and for how long no new one may start.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// As backends know them, or else by appid and openid.
    user: Option<String>,
    /// The session id that stays.
    except: Option<String>,
    appid: Option<String>,
    openid: Option<String>,
    /// JSON has one kind of number: 60.0 is 60.
    block_seconds: Option<f64>,
}

impl Internal {
    pub(crate) fn new(
        backend: Backend,
        store: MeasuredStore,
        wechat: GuardedWeChat,
        (authority, accounts): (Authority, Option<BuiltIn>),
        token: Option<SecretString>,
    ) -> Self {
        Self {
            backend,
            store,
            wechat,
            authority,
            accounts,
            token,
            readiness: Readiness::default(),
            measures: None,
            old_clients: None,
            proof_target: None,
        }
    }

    /// Tells balancers with this whether the server is ready.
    #[must_use]
    pub fn ready_until(mut self, readiness: Readiness) -> Self {
        self.readiness = readiness;
        self
    }

    /// Verifies old clients too.
    #[must_use]
    pub(crate) fn serving(mut self, old_clients: Option<OldClients>) -> Self {
        self.old_clients = old_clients;
        self
    }

    /// Takes from this place in a question to `/verify` which request it is about. Without one, signatures cannot be checked
    /// there.
    #[must_use]
    pub fn told_by(mut self, proof_target: Option<ProofTarget>) -> Self {
        self.proof_target = proof_target;
        self
    }

    /// Serves these measures at `/metrics`.
    #[must_use]
    pub fn measured_by(mut self, measures: Measures) -> Self {
        self.measures = Some(measures);
        self
    }

    /// All routes.
    pub fn router(self) -> Router {
        let internal = Arc::new(self);
        let appids = internal.backend.sessions().appids();
        let guard = {
            let internal = Arc::clone(&internal);
            edge::admitting(move |request| internal.admit(request.headers()))
        };
        let mut routes = Router::new()
            .route("/verify", any(verify::verify))
            // Traefik and Envoy append the path of the request to be verified.
            .route("/verify/", any(verify::verify))
            .route("/verify/{*path}", any(verify::verify))
            .route("/refusal", any(verify::refusal))
            .route("/sessions/end", post(end))
            .route("/accounts/delete", post(delete))
            .route("/decrypt", post(user_data::decrypt))
            .route("/signature", post(user_data::check_signature))
            .route("/phone-number", post(user_data::phone_number))
            .route("/metrics", get(measures))
            .merge(openapi::served(&internal.authority, appids))
            .merge(health::in_detail(
                internal.readiness.clone(),
                internal.store.clone(),
                internal.wechat.clone(),
                internal.authority.clone(),
            ))
            .fallback(async || HttpProblem::new(ProblemCode::NotFound))
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed));
        if let Some(old_clients) = internal.old_clients.clone() {
            let serve = middleware::from_fn_with_state(old_clients, compat::serve);
            routes = routes.layer(serve);
        }
        routes
            // Outermost, so that nobody signs in by whom the token is missing.
            .layer((requests::Telling::new(), edge::uncached(), guard))
            .with_state(Shared(internal))
    }

    /// Lets only those through who present the token.
    fn admit(&self, headers: &HeaderMap) -> Result<(), HttpProblem> {
        if self.trusts(headers) {
            return Ok(());
        }
        if let Some(left_out) = ASKED_WITHOUT.due() {
            tracing::warn!(
                left_out,
                "the internal listener was called without its token"
            );
        }
        Err(HttpProblem::new(ProblemCode::Forbidden))
    }

    fn trusts(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let presented = headers.get(header::AUTHORIZATION);
        let presented = presented.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        presented
            .is_some_and(|presented| bool::from(presented.ct_eq(token.expose_secret().as_bytes())))
    }
}

impl FromRef<Shared> for Sessions {
    fn from_ref(Shared(internal): &Shared) -> Self {
        internal.backend.sessions().clone()
    }
}

async fn end(
    State(Shared(internal)): State<Shared>,
    request: Request,
) -> Result<StatusCode, HttpProblem> {
    let body = body::read(request).await?;
    let fields = "the string `user`, or `appid` and `openid`, and, if any, a number `block_seconds` or a string `except`";
    let ask: End = body::parse(&body, fields)?;
    let block = ask.block_seconds.map(span).transpose()?;
    let backend = &internal.backend;
    match (ask.user, ask.appid, ask.openid) {
        (Some(user), None, None) => {
            end_named(backend.sessions(), &user, ask.except.as_deref(), block).await?;
        }
        (None, Some(appid), Some(openid)) if ask.except.is_none() => {
            if !is_id(&openid) {
                return Err(bad("`openid` is not one; give it as WeChat gave it"));
            }
            let wechat = Identity {
                appid,
                openid,
                unionid: None,
            };
            backend.end_user(&wechat, block).await?;
        }
        (None, Some(_), Some(_)) => return Err(bad("`except` goes with `user`")),
        _ => return Err(bad("name the user by `user`, or by `appid` and `openid`")),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whose account is deleted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    /// As backends know them.
    user: String,
}

/// Deletes an account for an operator whose user cannot do so any longer. There is no route by which an operator could
/// sign in as somebody, or set their password.
async fn delete(
    State(Shared(internal)): State<Shared>,
    request: Request,
) -> Result<StatusCode, HttpProblem> {
    let accounts = internal.accounts.as_ref();
    let accounts = accounts.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound))?;
    let body = body::read(request).await?;
    let ask: Delete = body::parse(&body, "the string `user`")?;
    check_user(&ask.user)?;
    if accounts.delete(&ask.user).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(HttpProblem::because(
        ProblemCode::NotFound,
        "this server keeps no account of this `user`; a guest has none, and goes with the last session",
    ))
}

fn check_user(user: &str) -> Result<(), HttpProblem> {
    if is_user(user) {
        Ok(())
    } else {
        Err(bad(
            "`user` must be 1 to 64 printable ASCII characters without spaces",
        ))
    }
}

async fn end_named(
    sessions: &Sessions,
    user: &str,
    except: Option<&str>,
    block: Option<Duration>,
) -> Result<(), HttpProblem> {
    check_user(user)?;
    let kept = match (except, block) {
        (Some(_), Some(_)) => {
            return Err(bad(
                "`except` and `block_seconds` exclude each other: a block ends every session",
            ));
        }
        (except, _) => except.map(|except| sessions.vouched(except.as_bytes())),
    };
    let kept = kept.transpose();
    let kept = kept.map_err(|_| bad("`except` is not a session id of this server"))?;
    if kept.is_some_and(|kept| !kept.names(user)) {
        return Err(bad("`except` is a session id of another user"));
    }
    Ok(sessions.end_named(user, kept, block).await?)
}

fn span(seconds: f64) -> Result<Duration, HttpProblem> {
    if (0.0..=LONGEST_BLOCK).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(bad("`block_seconds` may be from 0 to a hundred years"))
    }
}

fn bad(detail: &'static str) -> HttpProblem {
    HttpProblem::because(ProblemCode::BadRequest, detail)
}

async fn measures(State(Shared(internal)): State<Shared>) -> Result<Response, HttpProblem> {
    let measures = internal.measures.as_ref();
    let measures = measures.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound))?;
    let kind = [(header::CONTENT_TYPE, measures::CONTENT_TYPE)];
    Ok((kind, measures.text()).into_response())
}
